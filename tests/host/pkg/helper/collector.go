package helper

import (
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

type pipelineContext struct {
	collector pipeline.PipelineCollector
}

func (p *pipelineContext) Collector() pipeline.PipelineCollector { return p.collector }

// NewObservePipelineContext makes a context like that behind inputs and aggregators: a queue, on which collecting
// blocks while it is full.
func NewObservePipelineContext(queueSize int) pipeline.PipelineContext {
	return &pipelineContext{&observeCollector{make(chan *models.PipelineGroupEvents, queueSize)}}
}

// NewGroupedPipelineContext makes a context like that behind processors: events of the same group come together.
func NewGroupedPipelineContext() pipeline.PipelineContext {
	return &pipelineContext{&groupedCollector{make(map[*models.GroupInfo][]models.PipelineEvent)}}
}

// NewNoopPipelineContext makes a context that drops everything, like that behind flushers.
func NewNoopPipelineContext() pipeline.PipelineContext {
	return &pipelineContext{noopCollector{}}
}

type observeCollector struct {
	groups chan *models.PipelineGroupEvents
}

func (c *observeCollector) Collect(group *models.GroupInfo, events ...models.PipelineEvent) {
	if len(events) > 0 {
		c.groups <- &models.PipelineGroupEvents{Group: group, Events: events}
	}
}

func (c *observeCollector) CollectList(groups ...*models.PipelineGroupEvents) {
	for _, group := range groups {
		c.groups <- group
	}
}

func (c *observeCollector) ToArray() []*models.PipelineGroupEvents {
	groups := make([]*models.PipelineGroupEvents, len(c.groups))
	for i := range groups {
		groups[i] = <-c.groups
	}
	return groups
}

func (c *observeCollector) Observe() chan *models.PipelineGroupEvents { return c.groups }

func (c *observeCollector) Close() { close(c.groups) }

type groupedCollector struct {
	events map[*models.GroupInfo][]models.PipelineEvent
}

func (c *groupedCollector) Collect(group *models.GroupInfo, events ...models.PipelineEvent) {
	if len(events) > 0 {
		c.events[group] = append(c.events[group], events...)
	}
}

func (c *groupedCollector) CollectList(groups ...*models.PipelineGroupEvents) {
	for _, group := range groups {
		c.Collect(group.Group, group.Events...)
	}
}

func (c *groupedCollector) ToArray() []*models.PipelineGroupEvents {
	groups := make([]*models.PipelineGroupEvents, 0, len(c.events))
	for group, events := range c.events {
		groups = append(groups, &models.PipelineGroupEvents{Group: group, Events: events})
	}
	c.Close()
	return groups
}

func (c *groupedCollector) Observe() chan *models.PipelineGroupEvents { return nil }

func (c *groupedCollector) Close() { c.events = make(map[*models.GroupInfo][]models.PipelineEvent) }

type noopCollector struct{}

func (noopCollector) Collect(*models.GroupInfo, ...models.PipelineEvent) {}
func (noopCollector) CollectList(...*models.PipelineGroupEvents)         {}
func (noopCollector) ToArray() []*models.PipelineGroupEvents             { return nil }
func (noopCollector) Observe() chan *models.PipelineGroupEvents          { return nil }
func (noopCollector) Close()                                             {}
