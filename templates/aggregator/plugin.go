package {{ cookiecutter.plugin_name }}

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

const pluginType = "{{ cookiecutter.__plugin_type }}"

// {{ cookiecutter.__plugin_struct }} groups events by the value of a field or tag. A group goes on to the flushers when it
// is full, and whatever there is goes on at an interval.
type {{ cookiecutter.__plugin_struct }} struct {
	// Key is the name of the field or tag.
	Key string `json:"Key"`
	// MaxEvents is how many events make a group full.
	MaxEvents int `json:"MaxEvents"`
	// IntervalMs is the time between two flushes in milliseconds; 0 means that of the pipeline, AggregatIntervalMs.
	// It is no time.Duration, because the host decodes the configuration with encoding/json: that would take only
	// nanoseconds, and no "5s" either.
	IntervalMs int `json:"IntervalMs"`

	queue pipeline.LogGroupQueue

	// lock is needed although the host's interface doesn't say so: events are added by the goroutine of the
	// processors, while a timer's goroutine flushes.
	lock   sync.Mutex
	logs   map[groupKey]*protocol.LogGroup
	events map[groupKey]*models.PipelineGroupEvents
}

// groupKey tells groups apart: by the value, and by everything else that the events of a group have in common.
type groupKey struct {
	value, common string
}

var (
	_ pipeline.AggregatorV1 = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ pipeline.AggregatorV2 = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration and returns the interval in milliseconds.
func (p *{{ cookiecutter.__plugin_struct }}) Init(_ pipeline.Context, queue pipeline.LogGroupQueue) (int, error) {
	if p.Key == "" {
		return 0, fmt.Errorf("%s: Key is empty, must be the name of the field or tag to group by", pluginType)
	}
	if p.MaxEvents <= 0 {
		return 0, fmt.Errorf("%s: MaxEvents is %d, must be more than 0", pluginType, p.MaxEvents)
	}
	if p.IntervalMs < 0 {
		return 0, fmt.Errorf("%s: IntervalMs is %d, must be a number of milliseconds, or 0", pluginType, p.IntervalMs)
	}
	p.queue = queue
	p.Reset()
	return p.IntervalMs, nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// Reset forgets all events.
func (p *{{ cookiecutter.__plugin_struct }}) Reset() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.logs = make(map[groupKey]*protocol.LogGroup)
	p.events = make(map[groupKey]*models.PipelineGroupEvents)
}

// Add adds a log in a V1 pipeline. After an error the host comes again with the same log until it is taken, and
// takes nothing from its inputs meanwhile: so an error may only be returned for a log that was not added, and only
// for a reason that passes, as when the queue to the flushers is full.
func (p *{{ cookiecutter.__plugin_struct }}) Add(log *protocol.Log, ctx map[string]interface{}) error {
	topic, _ := ctx["topic"].(string)
	tags, _ := ctx["tags"].([]*protocol.LogTag)
	value := valueOfLog(log, tags, p.Key)
	key := groupKey{value, describeLogTags(topic, tags)}

	p.lock.Lock()
	defer p.lock.Unlock()
	group := p.logs[key]
	if group != nil && len(group.Logs) >= p.MaxEvents {
		if err := p.queue.Add(group); err != nil {
			return err
		}
		group = nil
	}
	if group == nil {
		group = &protocol.LogGroup{Topic: topic, LogTags: withLogTag(tags, p.Key, value)}
		p.logs[key] = group
	}
	group.Logs = append(group.Logs, log)
	if len(group.Logs) >= p.MaxEvents && p.queue.Add(group) == nil {
		delete(p.logs, key)
	}
	return nil
}

// Flush returns all groups in a V1 pipeline. The host calls it at the interval, and once more when the pipeline is
// stopped.
func (p *{{ cookiecutter.__plugin_struct }}) Flush() []*protocol.LogGroup {
	p.lock.Lock()
	defer p.lock.Unlock()
	groups := make([]*protocol.LogGroup, 0, len(p.logs))
	for key, group := range p.logs {
		groups = append(groups, group)
		delete(p.logs, key)
	}
	return groups
}

// Record adds events of any kind in a V2 pipeline. Collecting blocks while the queue to the flushers is full. It is
// done under the lock all the same, so that no later group of the same events overtakes.
func (p *{{ cookiecutter.__plugin_struct }}) Record(in *models.PipelineGroupEvents, context pipeline.PipelineContext) error {
	common := describeGroup(in.Group)

	p.lock.Lock()
	defer p.lock.Unlock()
	for _, event := range in.Events {
		value := valueOfEvent(event, in.Group, p.Key)
		key := groupKey{value, common}
		group := p.events[key]
		if group == nil {
			group = &models.PipelineGroupEvents{Group: withTag(in.Group, p.Key, value)}
			p.events[key] = group
		}
		group.Events = append(group.Events, event)
		if len(group.Events) >= p.MaxEvents {
			delete(p.events, key)
			context.Collector().CollectList(group)
		}
	}
	return nil
}

// GetResult sends all groups on in a V2 pipeline. The host calls it at the interval, and once more when the pipeline
// is stopped.
func (p *{{ cookiecutter.__plugin_struct }}) GetResult(context pipeline.PipelineContext) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	for key, group := range p.events {
		delete(p.events, key)
		context.Collector().CollectList(group)
	}
	return nil
}

// valueOfLog looks among the log's contents first, then among the tags that the host hands over beside it.
func valueOfLog(log *protocol.Log, tags []*protocol.LogTag, key string) string {
	for _, content := range log.Contents {
		if content.Key == key {
			return content.Value
		}
	}
	for _, tag := range tags {
		if tag.Key == key {
			return tag.Value
		}
	}
	return ""
}

// valueOfEvent looks among the event's tags first, then among those of its group.
func valueOfEvent(event models.PipelineEvent, group *models.GroupInfo, key string) string {
	if tags := event.GetTags(); tags != nil && tags.Contains(key) {
		return tags.Get(key)
	}
	return group.GetTags().Get(key)
}

// withLogTag returns the tags of a group whose events have the value, in a slice of its own.
func withLogTag(tags []*protocol.LogTag, key, value string) []*protocol.LogTag {
	own := make([]*protocol.LogTag, 0, len(tags)+1)
	for _, tag := range tags {
		if tag.Key != key {
			own = append(own, tag)
		}
	}
	if value != "" {
		own = append(own, &protocol.LogTag{Key: key, Value: value})
	}
	return own
}

// withTag returns a copy of the group for events that have the value.
func withTag(group *models.GroupInfo, key, value string) *models.GroupInfo {
	metadata, tags := models.NewMetadata(), models.NewTags()
	metadata.AddAll(group.GetMetadata().Iterator())
	tags.AddAll(group.GetTags().Iterator())
	if value != "" {
		tags.Add(key, value)
	}
	return models.NewGroup(metadata, tags)
}

// describeLogTags returns a text that is the same for the same topic and tags. Their order does not count: the host
// makes the tags from a map, anew for every log.
func describeLogTags(topic string, tags []*protocol.LogTag) string {
	if len(tags) == 0 {
		return topic
	}
	texts := make([]string, 0, len(tags))
	for _, tag := range tags {
		texts = append(texts, strconv.Quote(tag.Key)+strconv.Quote(tag.Value))
	}
	sort.Strings(texts)
	return strings.Join(texts, "") + topic
}

// describeGroup returns a text that is the same for groups with the same metadata and tags.
func describeGroup(group *models.GroupInfo) string {
	var text strings.Builder
	for _, entry := range group.GetMetadata().SortTo(nil) {
		text.WriteString(strconv.Quote(entry.Key) + strconv.Quote(entry.Value))
	}
	text.WriteByte(' ')
	for _, entry := range group.GetTags().SortTo(nil) {
		text.WriteString(strconv.Quote(entry.Key) + strconv.Quote(entry.Value))
	}
	return text.String()
}

func init() {
	pipeline.AddAggregatorCreator(pluginType, func() pipeline.Aggregator {
		return &{{ cookiecutter.__plugin_struct }}{
			Key:       "host",
			MaxEvents: 1024,
		}
	})
}
