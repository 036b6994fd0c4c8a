package {{ cookiecutter.plugin_name }}

import (
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

// newPlugin makes a plugin as the host does: by the registered creator, with the detail of a pipeline file.
func newPlugin(t testing.TB, detail string) *{{ cookiecutter.__plugin_struct }} {
	t.Helper()
	p := pipeline.ServiceInputs[pluginType]().(*{{ cookiecutter.__plugin_struct }})
	if err := json.Unmarshal([]byte(detail), p); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Init(newContext()); err != nil {
		t.Fatal(err)
	}
	return p
}

func newContext() pipeline.Context {
	context := &helper.LocalContext{}
	context.InitContext("project", "logstore", "config")
	return context
}

// heartbeat is what the events of both pipelines have in common.
type heartbeat struct {
	host, content, sequence string
	time                    time.Time
}

// queue is the collector of both pipelines. Like the host's it blocks until the next stage takes the event; unlike
// the host's it tells when a call begins and when it has ended.
type queue struct {
	pipeline.Collector
	pipeline.PipelineCollector
	events       chan interface{}
	began, ended atomic.Int32
}

func (q *queue) put(event interface{}) {
	q.began.Add(1)
	q.events <- event
	q.ended.Add(1)
}

func (q *queue) AddData(tags, fields map[string]string, t ...time.Time) {
	collector := &helper.LocalCollector{}
	collector.AddData(tags, fields, t...)
	q.put(collector.Logs[0])
}

func (q *queue) Collect(group *models.GroupInfo, events ...models.PipelineEvent) {
	q.put(&models.PipelineGroupEvents{Group: group, Events: events})
}

// service is a plugin at work in a pipeline.
type service struct {
	*{{ cookiecutter.__plugin_struct }}
	t     *testing.T
	queue *queue
	done  chan error // what Start or StartService returns
}

// start runs the plugin as the host does, in a goroutine of its own.
func start(t *testing.T, version string, p *{{ cookiecutter.__plugin_struct }}) *service {
	s := &service{p, t, &queue{events: make(chan interface{})}, make(chan error, 1)}
	go func() {
		if version == "V1" {
			s.done <- p.Start(s.queue)
		} else {
			s.done <- p.StartService(s)
		}
	}()
	return s
}

// Collector makes the service its own pipeline.PipelineContext.
func (s *service) Collector() pipeline.PipelineCollector { return s.queue }

// next takes the next heartbeat out of the queue.
func (s *service) next() heartbeat {
	s.t.Helper()
	select {
	case event := <-s.queue.events:
		if log, ok := event.(*protocol.Log); ok {
			return fromLog(s.t, log)
		}
		return fromGroup(s.t, event.(*models.PipelineGroupEvents))
	case <-time.After(patience):
		s.t.Fatal("no heartbeat has come")
		return heartbeat{}
	}
}

// end checks that Start or StartService returns, having sent that many heartbeats.
func (s *service) end(sent int32) {
	s.t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Errorf("the loop returned %v", err)
		}
	case <-time.After(patience):
		s.t.Fatal("the loop has not returned")
	}
	if got := s.queue.began.Load(); got != sent {
		s.t.Errorf("%d heartbeats were sent, want %d", got, sent)
	}
}

func fromLog(t *testing.T, log *protocol.Log) heartbeat {
	t.Helper()
	contents := make(map[string]string)
	for _, content := range log.Contents {
		contents[content.Key] = content.Value
	}
	if len(contents) != 3 {
		t.Errorf("the log has the contents %v, want host, content and sequence", contents)
	}
	if log.TimeNs == nil {
		t.Fatal("the log has no nanoseconds")
	}
	return heartbeat{
		contents["host"], contents["content"], contents["sequence"],
		time.Unix(int64(log.Time), int64(*log.TimeNs)),
	}
}

func fromGroup(t *testing.T, group *models.PipelineGroupEvents) heartbeat {
	t.Helper()
	// What the host does to every group when EnableProcessorTag is set; it must not show in the next group.
	group.Group.Tags.Add("host.name", "added by the host")
	group.Group.Metadata.Add("source", "added by the host")
	if got := group.Group.GetTags().Len() + group.Group.GetMetadata().Len(); got != 2 {
		t.Errorf("the group has %d tags and metadata, want the 2 that were added", got)
	}
	if len(group.Events) != 1 {
		t.Fatalf("the group has %d events, want 1", len(group.Events))
	}
	log := group.Events[0].(*models.Log)
	content, _ := log.GetIndices().Get(models.ContentKey).(string)
	sequence, _ := log.GetIndices().Get("sequence").(string)
	return heartbeat{log.GetTags().Get("host"), content, sequence, time.Unix(0, int64(log.GetTimestamp()))}
}

// forBoth runs a test in a V1 and in a V2 pipeline.
func forBoth(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range []string{"V1", "V2"} {
		version := version
		t.Run(version, func(t *testing.T) {
			checkGoroutines(t)
			test(t, version)
		})
	}
}

func TestDefaults(t *testing.T) {
	p := newPlugin(t, `{}`)
	if p.IntervalMs != 1000 || p.Content != "heartbeat" {
		t.Errorf("the defaults are %d and %q", p.IntervalMs, p.Content)
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"IntervalMs": 0}`:  "IntervalMs is 0",
		`{"IntervalMs": -1}`: "IntervalMs is -1",
		`{"Content": ""}`:    "Content is empty",
	} {
		p := pipeline.ServiceInputs[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Init(newContext()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
}

func TestHeartbeats(t *testing.T) {
	forBoth(t, func(t *testing.T, version string) {
		began := time.Now()
		s := start(t, version, newPlugin(t, `{"IntervalMs": 10, "Content": "alive"}`))
		last := began
		for i := 1; i <= 3; i++ {
			got := s.next()
			if want := (heartbeat{s.host, "alive", strconv.Itoa(i), got.time}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if got.time.Before(last.Truncate(0)) || got.time.After(time.Now()) {
				t.Errorf("heartbeat %d has the time %v, want one between %v and now", i, got.time, last)
			}
			last = got.time
		}
		// A tick may come late and the next one in time, but none comes early: the third is 20 ms after the start.
		if elapsed := last.Sub(began); elapsed < 20*time.Millisecond {
			t.Errorf("the third heartbeat came after %v, want two intervals of 10 ms", elapsed)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- s.Stop() }()
		for {
			select {
			case <-s.queue.events: // sent before Stop, or just then
			case err := <-stopped:
				if err != nil {
					t.Errorf("Stop returned %v", err)
				}
				return
			}
		}
	})
}

// TestStop stops a plugin that waits for its next heartbeat.
func TestStop(t *testing.T) {
	forBoth(t, func(t *testing.T, version string) {
		s := start(t, version, newPlugin(t, `{"IntervalMs": 3600000}`))
		s.next()
		for i := 0; i < 2; i++ {
			if err := s.Stop(); err != nil {
				t.Errorf("Stop returned %v", err)
			}
		}
		s.end(1)
	})
}

// TestStopBeforeStart: in a V1 pipeline the host may call Stop before the goroutine that calls Start has begun.
func TestStopBeforeStart(t *testing.T) {
	forBoth(t, func(t *testing.T, version string) {
		p := newPlugin(t, `{"IntervalMs": 1}`)
		if err := p.Stop(); err != nil {
			t.Errorf("Stop returned %v", err)
		}
		start(t, version, p).end(0)
	})
}

// TestStopWithFullQueue stops a plugin that is blocked in the collector while the pipeline still works its queue
// off: Stop waits until the heartbeat is taken, and none comes after it.
func TestStopWithFullQueue(t *testing.T) {
	forBoth(t, func(t *testing.T, version string) {
		s := start(t, version, newPlugin(t, `{"IntervalMs": 1}`))
		waitFor(t, "a heartbeat in the collector", func() bool { return s.queue.began.Load() == 1 })
		stopped := make(chan int32)
		go func() {
			if err := s.Stop(); err != nil {
				t.Errorf("Stop returned %v", err)
			}
			stopped <- s.queue.ended.Load()
		}()
		<-s.stop
		if got := s.next().sequence; got != "1" {
			t.Errorf("got heartbeat %s, want 1", got)
		}
		if got := <-stopped; got != 1 {
			t.Errorf("Stop returned with %d heartbeats taken, want 1", got)
		}
		s.end(1)
	})
}

// TestStopWithDeadPipeline stops a plugin that is blocked in the collector for good.
func TestStopWithDeadPipeline(t *testing.T) {
	forBoth(t, func(t *testing.T, version string) {
		p := newPlugin(t, `{"IntervalMs": 1}`)
		p.stopTimeout = time.Millisecond
		s := start(t, version, p)
		waitFor(t, "a heartbeat in the collector", func() bool { return s.queue.began.Load() == 1 })
		if err := s.Stop(); err == nil {
			t.Error("Stop returned no error")
		}
		s.next()
		s.end(1)
	})
}

// TestSamples runs the plugin as the pipeline files beside this file configure it.
func TestSamples(t *testing.T) {
	files := map[string]string{"V1": "pipeline_v1.json", "V2": "pipeline_v2.json"}
	forBoth(t, func(t *testing.T, version string) {
		p := newPlugin(t, sampleDetail(t, files[version], "inputs"))
		p.IntervalMs = 3600000 // so that no second heartbeat comes in between
		s := start(t, version, p)
		if got := s.next(); got.content != p.Content || got.sequence != "1" {
			t.Errorf("the first heartbeat is %v", got)
		}
		if err := s.Stop(); err != nil {
			t.Errorf("Stop returned %v", err)
		}
		s.end(1)
	})
}

// discard is a V1 collector for benchmarks, as helper.NewNoopPipelineContext is a V2 one.
type discard struct{ pipeline.Collector }

func (discard) AddData(tags, fields map[string]string, t ...time.Time) {}

func BenchmarkHeartbeatV1(b *testing.B) {
	p := newPlugin(b, `{}`)
	now := time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		p.sendLog(discard{}, int64(i), now)
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

func BenchmarkHeartbeatV2(b *testing.B) {
	p := newPlugin(b, `{}`)
	collector := helper.NewNoopPipelineContext().Collector()
	now := time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		p.sendEvent(collector, int64(i), now)
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

{% include "shared/test_wait.go" %}

{% include "shared/test_goroutines.go" %}

{% include "shared/test_sample.go" %}
