package {{ cookiecutter.plugin_name }}

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/util"
)

const (
	pluginType = "{{ cookiecutter.__plugin_type }}"

	// defaultStopTimeout bounds Stop: the host gives all plugins of a pipeline together 30 s.
	defaultStopTimeout = 10 * time.Second
)

// {{ cookiecutter.__plugin_struct }} sends a heartbeat, a log with a sequence number, at a fixed interval. Whoever
// receives the logs sees by a gap or by silence that this agent, or the way from it, is broken.
type {{ cookiecutter.__plugin_struct }} struct {
	// IntervalMs is the time between two heartbeats in milliseconds. It is no time.Duration, because the host
	// decodes the configuration with encoding/json: that would take only nanoseconds, and no "5s" either.
	IntervalMs int `json:"IntervalMs"`
	// Content is the text of every heartbeat.
	Content string `json:"Content"`

	host        string
	stopTimeout time.Duration
	stopOnce    sync.Once
	stop        chan struct{} // closed by Stop
	running     chan struct{} // of size one: full while the loop runs
}

var (
	_ pipeline.ServiceInputV1 = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ pipeline.ServiceInputV2 = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration. The host ignores the interval that Init of a service input returns.
func (p *{{ cookiecutter.__plugin_struct }}) Init(pipeline.Context) (int, error) {
	if p.IntervalMs <= 0 {
		return 0, fmt.Errorf("%s: IntervalMs is %d, must be a positive number of milliseconds", pluginType, p.IntervalMs)
	}
	if p.Content == "" {
		return 0, fmt.Errorf("%s: Content is empty, must be the text of the heartbeat", pluginType)
	}
	p.host = util.GetHostName()
	p.stopTimeout = defaultStopTimeout
	p.stop = make(chan struct{})
	p.running = make(chan struct{}, 1)
	return 0, nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// Start runs the plugin in a V1 pipeline, until Stop.
func (p *{{ cookiecutter.__plugin_struct }}) Start(collector pipeline.Collector) error {
	return p.run(func(sequence int64, now time.Time) {
		p.sendLog(collector, sequence, now)
	})
}

// StartService runs the plugin in a V2 pipeline, until Stop.
func (p *{{ cookiecutter.__plugin_struct }}) StartService(context pipeline.PipelineContext) error {
	collector := context.Collector()
	return p.run(func(sequence int64, now time.Time) {
		p.sendEvent(collector, sequence, now)
	})
}

// Stop ends the loop and waits for it, so that nothing is sent afterwards.
//
// The loop may just be blocked in the collector, because the pipeline's queue is full. The host stops the inputs
// first, while the rest of the pipeline still works the queue off: waiting is right, and loses nothing. Only when
// the rest is dead, say after a panic in a processor, would it last for ever; then Stop gives up with an error, and
// the loop ends without another heartbeat if the collector ever returns.
func (p *{{ cookiecutter.__plugin_struct }}) Stop() error {
	p.stopOnce.Do(func() { close(p.stop) })

	timeout := time.NewTimer(p.stopTimeout)
	defer timeout.Stop()
	select {
	case p.running <- struct{}{}:
		<-p.running
		return nil
	case <-timeout.C:
		return fmt.Errorf("%s: the pipeline has not taken the last heartbeat for %v", pluginType, p.stopTimeout)
	}
}

// run is the loop of both pipelines: it sends the first heartbeat at once and returns when the plugin is stopped.
// It is safe to call it after Stop, as may happen in a V1 pipeline: there the host calls Start in a goroutine of
// its own and doesn't wait until it has begun.
func (p *{{ cookiecutter.__plugin_struct }}) run(send func(sequence int64, now time.Time)) error {
	p.running <- struct{}{}
	defer func() { <-p.running }()

	ticker := time.NewTicker(time.Duration(p.IntervalMs) * time.Millisecond)
	defer ticker.Stop()
	for sequence := int64(1); ; sequence++ {
		// Stop is looked at alone first, because select picks any of the cases that are ready.
		select {
		case <-p.stop:
			return nil
		default:
			send(sequence, time.Now())
		}
		select {
		case <-p.stop:
			return nil
		case <-ticker.C:
		}
	}
}

// sendLog sends a heartbeat in a V1 pipeline, where tags and fields end up side by side in the log's contents.
func (p *{{ cookiecutter.__plugin_struct }}) sendLog(collector pipeline.Collector, sequence int64, now time.Time) {
	tags := map[string]string{"host": p.host}
	fields := map[string]string{
		"content":  p.Content,
		"sequence": strconv.FormatInt(sequence, 10),
	}
	// Given a time the collector keeps its nanoseconds, too; the host drops them unless EnableTimestampNanosecond is set.
	collector.AddData(tags, fields, now)
}

// sendEvent sends a heartbeat in a V2 pipeline. Group and tags are new ones each time, because the rest of the
// pipeline changes them while this loop goes on.
func (p *{{ cookiecutter.__plugin_struct }}) sendEvent(collector pipeline.PipelineCollector, sequence int64, now time.Time) {
	tags := models.NewTagsWithKeyValues("host", p.host)
	log := models.NewSimpleLog(nil, tags, uint64(now.UnixNano()))
	// Strings, because that is what most plugins expect of a log's contents.
	log.Contents.Add(models.ContentKey, p.Content)
	log.Contents.Add("sequence", strconv.FormatInt(sequence, 10))
	// Always with NewGroup: the host adds its own tags to the group, and panics if they are nil.
	collector.Collect(models.NewGroup(models.NewMetadata(), models.NewTags()), log)
}

func init() {
	pipeline.AddServiceCreator(pluginType, func() pipeline.ServiceInput {
		return &{{ cookiecutter.__plugin_struct }}{
			IntervalMs: 1000,
			Content:    "heartbeat",
		}
	})
}
