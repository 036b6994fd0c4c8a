// Package aggregator is a stand-in for the host's default aggregator.
package aggregator

import (
	"sync"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

type aggregatorDefault struct {
	lock   sync.Mutex
	logs   []*protocol.Log
	groups []*models.PipelineGroupEvents
}

func (*aggregatorDefault) Init(pipeline.Context, pipeline.LogGroupQueue) (int, error) { return 0, nil }
func (*aggregatorDefault) Description() string                                        { return "stand-in" }
func (*aggregatorDefault) Reset()                                                     {}

func (a *aggregatorDefault) Add(log *protocol.Log, _ map[string]interface{}) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.logs = append(a.logs, log)
	return nil
}

func (a *aggregatorDefault) Flush() []*protocol.LogGroup {
	a.lock.Lock()
	defer a.lock.Unlock()
	if len(a.logs) == 0 {
		return nil
	}
	group := &protocol.LogGroup{Logs: a.logs}
	a.logs = nil
	return []*protocol.LogGroup{group}
}

func (a *aggregatorDefault) Record(group *models.PipelineGroupEvents, _ pipeline.PipelineContext) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.groups = append(a.groups, group)
	return nil
}

func (a *aggregatorDefault) GetResult(context pipeline.PipelineContext) error {
	a.lock.Lock()
	groups := a.groups
	a.groups = nil
	a.lock.Unlock()
	context.Collector().CollectList(groups...)
	return nil
}

func init() {
	pipeline.Aggregators["aggregator_default"] = func() pipeline.Aggregator { return &aggregatorDefault{} }
}
