package {{ cookiecutter.plugin_name }}

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

// groupQueue is the host's queue to the flushers of a V1 pipeline.
type groupQueue chan *protocol.LogGroup

var errFull = errors.New("loggroup queue is full")

func (q groupQueue) Add(group *protocol.LogGroup) error {
	select {
	case q <- group:
		return nil
	default:
		return errFull
	}
}

func (q groupQueue) AddWithWait(group *protocol.LogGroup, _ time.Duration) error { return q.Add(group) }

// newPlugin makes a plugin as the host does: by the registered creator, with the detail of a pipeline file.
func newPlugin(t testing.TB, detail string, queue pipeline.LogGroupQueue) *{{ cookiecutter.__plugin_struct }} {
	t.Helper()
	p := pipeline.Aggregators[pluginType]().(*{{ cookiecutter.__plugin_struct }})
	if err := json.Unmarshal([]byte(detail), p); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Init(newContext(), queue); err != nil {
		t.Fatal(err)
	}
	return p
}

func newContext() pipeline.Context {
	context := &helper.LocalContext{}
	context.InitContext("project", "logstore", "config")
	return context
}

func newLog(id int, keyValues ...string) *protocol.Log {
	log := &protocol.Log{}
	protocol.SetLogTimeWithNano(log, 1700000000, uint32(id))
	keyValues = append([]string{"id", strconv.Itoa(id)}, keyValues...)
	for i := 0; i < len(keyValues); i += 2 {
		log.Contents = append(log.Contents, &protocol.Log_Content{Key: keyValues[i], Value: keyValues[i+1]})
	}
	return log
}

func newEvent(id int, keyValues ...string) *models.Log {
	log := models.NewSimpleLog(nil, models.NewTagsWithKeyValues(keyValues...), uint64(id))
	log.Name = strconv.Itoa(id)
	return log
}

// text describes a group by its sorted tags and the numbers of its events in their order.
func text(group interface{}) string {
	var tags, events []string
	switch group := group.(type) {
	case *protocol.LogGroup:
		for _, tag := range group.LogTags {
			tags = append(tags, tag.Key+"="+tag.Value)
		}
		for _, log := range group.Logs {
			if int(log.GetTimeNs()) != id(log.Contents[0].Value) || log.Time != 1700000000 {
				tags = append(tags, "wrong time")
			}
			events = append(events, log.Contents[0].Value)
		}
		if group.Topic != "" {
			tags = append(tags, "topic "+group.Topic)
		}
	case *models.PipelineGroupEvents:
		for key, value := range group.Group.GetMetadata().Iterator() {
			tags = append(tags, "meta "+key+"="+value)
		}
		for key, value := range group.Group.GetTags().Iterator() {
			tags = append(tags, key+"="+value)
		}
		for _, event := range group.Events {
			if event.GetType() == models.EventTypeLogging && int(event.GetTimestamp()) != id(event.GetName()) {
				tags = append(tags, "wrong time")
			}
			events = append(events, event.GetName())
		}
	}
	sort.Strings(tags)
	return strings.Join(tags, ",") + ": " + strings.Join(events, " ")
}

func id(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return number
}

func expectLogGroups(t *testing.T, got []*protocol.LogGroup, want ...string) {
	t.Helper()
	texts := []string{}
	for _, group := range got {
		texts = append(texts, text(group))
	}
	sort.Strings(texts)
	if !reflect.DeepEqual(texts, append([]string{}, want...)) {
		t.Errorf("got the groups %q, want %q", texts, want)
	}
}

func expectGroups(t *testing.T, context pipeline.PipelineContext, want ...string) {
	t.Helper()
	texts := []string{}
	for _, group := range context.Collector().ToArray() {
		texts = append(texts, text(group))
	}
	sort.Strings(texts)
	if !reflect.DeepEqual(texts, append([]string{}, want...)) {
		t.Errorf("got the groups %q, want %q", texts, want)
	}
}

func add(t testing.TB, p *{{ cookiecutter.__plugin_struct }}, log *protocol.Log, ctx map[string]interface{}) {
	t.Helper()
	if err := p.Add(log, ctx); err != nil {
		t.Errorf("Add returned %v", err)
	}
}

func record(t testing.TB, p *{{ cookiecutter.__plugin_struct }}, context pipeline.PipelineContext, group *models.GroupInfo, events ...models.PipelineEvent) {
	t.Helper()
	if err := p.Record(&models.PipelineGroupEvents{Group: group, Events: events}, context); err != nil {
		t.Errorf("Record returned %v", err)
	}
}

func getResult(t *testing.T, p *{{ cookiecutter.__plugin_struct }}, context pipeline.PipelineContext) {
	t.Helper()
	if err := p.GetResult(context); err != nil {
		t.Errorf("GetResult returned %v", err)
	}
}

func newGroup(keyValues ...string) *models.GroupInfo {
	return models.NewGroup(models.NewMetadata(), models.NewTagsWithKeyValues(keyValues...))
}

func TestDefaults(t *testing.T) {
	p := newPlugin(t, `{}`, nil)
	if p.Key != "host" || p.MaxEvents != 1024 || p.IntervalMs != 0 {
		t.Errorf("the defaults are %q, %d and %d", p.Key, p.MaxEvents, p.IntervalMs)
	}
}

func TestInterval(t *testing.T) {
	for detail, want := range map[string]int{`{}`: 0, `{"IntervalMs": 1500}`: 1500} {
		p := pipeline.Aggregators[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Init(newContext(), nil); got != want || err != nil {
			t.Errorf("%s: Init returned %d, %v, want %d", detail, got, err, want)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"Key": ""}`:        "Key is empty",
		`{"MaxEvents": 0}`:   "MaxEvents is 0",
		`{"IntervalMs": -1}`: "IntervalMs is -1",
	} {
		p := pipeline.Aggregators[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Init(newContext(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
}

func TestGroupLogs(t *testing.T) {
	p := newPlugin(t, `{}`, make(groupQueue))
	add(t, p, newLog(1, "host", "a"), nil)
	add(t, p, newLog(2, "host", "b"), nil)
	add(t, p, newLog(3), nil)
	add(t, p, newLog(4, "host", "a"), nil)
	expectLogGroups(t, p.Flush(), ": 3", "host=a: 1 4", "host=b: 2")
	expectLogGroups(t, p.Flush())
}

// TestGroupLogsByContext: logs may have the same value and differ in what the host hands over beside them.
func TestGroupLogsByContext(t *testing.T) {
	p := newPlugin(t, `{}`, make(groupQueue))
	x, y := &protocol.LogTag{Key: "x", Value: "1"}, &protocol.LogTag{Key: "y", Value: "2"}
	host := &protocol.LogTag{Key: "host", Value: "tag"}
	add(t, p, newLog(1, "host", "a"), map[string]interface{}{"tags": []*protocol.LogTag{x, y}, "source": "s"})
	add(t, p, newLog(2, "host", "a"), map[string]interface{}{"tags": []*protocol.LogTag{y, x}})
	add(t, p, newLog(3, "host", "a"), map[string]interface{}{"tags": []*protocol.LogTag{x}})
	add(t, p, newLog(4, "host", "a"), map[string]interface{}{"topic": "t"})
	add(t, p, newLog(5, "host", "a"), map[string]interface{}{"tags": []*protocol.LogTag{x, y}, "topic": "t"})
	add(t, p, newLog(6), map[string]interface{}{"tags": []*protocol.LogTag{host}})
	add(t, p, newLog(7, "host", "a"), map[string]interface{}{"tags": []*protocol.LogTag{host}})
	expectLogGroups(t, p.Flush(),
		"host=a,topic t,x=1,y=2: 5", "host=a,topic t: 4", "host=a,x=1,y=2: 1 2", "host=a,x=1: 3", "host=a: 7", "host=tag: 6")
}

func TestFullLogGroup(t *testing.T) {
	queue := make(groupQueue, 2)
	p := newPlugin(t, `{"MaxEvents": 2}`, queue)
	add(t, p, newLog(1, "host", "a"), nil)
	add(t, p, newLog(2, "host", "a"), nil)
	if len(queue) != 1 {
		t.Fatalf("%d groups are in the queue, want the full one", len(queue))
	}
	add(t, p, newLog(3, "host", "a"), nil)
	expectLogGroups(t, []*protocol.LogGroup{<-queue}, "host=a: 1 2")
	expectLogGroups(t, p.Flush(), "host=a: 3")
}

// TestFullQueue adds logs while the flushers take none. What comes of an error is the host's retrying.
func TestFullQueue(t *testing.T) {
	queue := make(groupQueue, 1)
	p := newPlugin(t, `{"MaxEvents": 2}`, queue)
	for i := 1; i <= 4; i++ {
		add(t, p, newLog(i, "host", "a"), nil)
	}
	for i := 0; i < 3; i++ {
		if err := p.Add(newLog(5, "host", "a"), nil); !errors.Is(err, errFull) {
			t.Errorf("Add returned %v, want %v", err, errFull)
		}
	}
	add(t, p, newLog(6, "host", "b"), nil)
	expectLogGroups(t, []*protocol.LogGroup{<-queue}, "host=a: 1 2")
	add(t, p, newLog(5, "host", "a"), nil)
	expectLogGroups(t, []*protocol.LogGroup{<-queue}, "host=a: 3 4")
	expectLogGroups(t, p.Flush(), "host=a: 5", "host=b: 6")
}

// TestFlushWhileQueueIsFull: the timer takes the full group that the queue had no room for.
func TestFlushWhileQueueIsFull(t *testing.T) {
	p := newPlugin(t, `{"MaxEvents": 2}`, make(groupQueue))
	add(t, p, newLog(1, "host", "a"), nil)
	add(t, p, newLog(2, "host", "a"), nil)
	expectLogGroups(t, p.Flush(), "host=a: 1 2")
	add(t, p, newLog(3, "host", "a"), nil)
	expectLogGroups(t, p.Flush(), "host=a: 3")
}

func TestGroupEvents(t *testing.T) {
	p := newPlugin(t, `{}`, nil)
	context := helper.NewObservePipelineContext(10)
	group := newGroup()
	record(t, p, context, group, newEvent(1, "host", "a"), newEvent(2, "host", "b"), newEvent(3))
	record(t, p, context, newGroup(), newEvent(4, "host", "a"))
	expectGroups(t, context)
	if group.Tags.Len() != 0 {
		t.Errorf("the group that came in has become %v", group.Tags.Iterator())
	}
	group.Tags.Add("added", "later")
	getResult(t, p, context)
	expectGroups(t, context, ": 3", "host=a: 1 4", "host=b: 2")
	getResult(t, p, context)
	expectGroups(t, context)
}

// TestGroupEventsByGroup: events may have the same value and come in groups that differ.
func TestGroupEventsByGroup(t *testing.T) {
	p := newPlugin(t, `{}`, nil)
	context := helper.NewObservePipelineContext(10)
	withMetadata := models.NewGroup(models.NewMetadataWithKeyValues("x", "1"), models.NewTags())
	record(t, p, context, newGroup("x", "1", "y", "2"), newEvent(1, "host", "a"))
	record(t, p, context, newGroup("y", "2", "x", "1"), newEvent(2, "host", "a"))
	record(t, p, context, newGroup("x", "1"), newEvent(3, "host", "a"))
	record(t, p, context, withMetadata, newEvent(4, "host", "a"))
	record(t, p, context, newGroup("host", "group"), newEvent(5), newEvent(6, "host", "a"))
	record(t, p, context, &models.GroupInfo{}, newEvent(7, "host", "a"), &models.Log{Name: "8", Timestamp: 8})
	getResult(t, p, context)
	expectGroups(t, context, ": 8", "host=a,meta x=1: 4", "host=a,x=1,y=2: 1 2", "host=a,x=1: 3", "host=a: 6", "host=a: 7", "host=group: 5")
}

func TestGroupEventsOfAllKinds(t *testing.T) {
	p := newPlugin(t, `{}`, nil)
	context := helper.NewObservePipelineContext(10)
	tags := models.NewTagsWithKeyValues("host", "a")
	record(t, p, context, newGroup(),
		models.NewSingleValueMetric("metric", models.MetricTypeGauge, tags, 1, 1),
		models.NewSpan("span", "trace", "span", models.SpanKindClient, 1, 2, tags, nil, nil),
		newEvent(1, "host", "a"),
		models.NewByteArray([]byte("bytes")))
	getResult(t, p, context)
	expectGroups(t, context, ": ", "host=a: metric span 1")
}

func TestFullGroup(t *testing.T) {
	p := newPlugin(t, `{"MaxEvents": 2}`, nil)
	context := helper.NewObservePipelineContext(10)
	record(t, p, context, newGroup(), newEvent(1, "host", "a"), newEvent(2, "host", "a"), newEvent(3, "host", "a"))
	record(t, p, context, newGroup(), newEvent(4, "host", "a"), newEvent(5, "host", "a"))
	expectGroups(t, context, "host=a: 1 2", "host=a: 3 4")
	getResult(t, p, context)
	expectGroups(t, context, "host=a: 5")
}

func TestReset(t *testing.T) {
	p := newPlugin(t, `{}`, make(groupQueue))
	context := helper.NewObservePipelineContext(10)
	add(t, p, newLog(1, "host", "a"), nil)
	record(t, p, context, newGroup(), newEvent(1, "host", "a"))
	p.Reset()
	getResult(t, p, context)
	expectGroups(t, context)
	expectLogGroups(t, p.Flush())
}

// count checks that the groups hold each event once, in groups of at most 10.
type count struct {
	t    *testing.T
	seen map[string]bool
}

func (c count) add(size int, name func(i int) string) {
	if size > 10 {
		c.t.Errorf("a group has %d events", size)
	}
	for i := 0; i < size; i++ {
		if c.seen[name(i)] {
			c.t.Errorf("event %s came twice", name(i))
		}
		c.seen[name(i)] = true
	}
}

// TestConcurrentLogs adds and flushes at once, as the host does, while the queue is full most of the time.
func TestConcurrentLogs(t *testing.T) {
	checkGoroutines(t)
	const logs = 5000
	queue := make(groupQueue, 1)
	p := newPlugin(t, `{"MaxEvents": 10}`, queue)
	all := make(chan *protocol.LogGroup)
	stopped := make(chan struct{})
	var running sync.WaitGroup
	running.Add(3)
	go func() { // the processors
		defer running.Done()
		defer close(stopped)
		for i := 0; i < logs; i++ {
			for p.Add(newLog(i, "host", strconv.Itoa(i%3)), nil) != nil {
				runtime.Gosched()
			}
		}
	}()
	go func() { // the timer
		defer running.Done()
		for stop := false; !stop; {
			select {
			case <-stopped:
				stop = true
			default:
			}
			for _, group := range p.Flush() {
				all <- group
			}
		}
	}()
	go func() { // the flushers
		defer running.Done()
		for {
			select {
			case group := <-queue:
				all <- group
			case <-stopped:
				return
			}
		}
	}()
	go func() {
		running.Wait()
		close(all)
	}()
	counted := count{t, make(map[string]bool)}
	for group := range all {
		group := group
		counted.add(len(group.Logs), func(i int) string { return group.Logs[i].Contents[0].Value })
	}
	for len(queue) > 0 {
		group := <-queue
		counted.add(len(group.Logs), func(i int) string { return group.Logs[i].Contents[0].Value })
	}
	if len(counted.seen) != logs {
		t.Errorf("%d logs came out, want %d", len(counted.seen), logs)
	}
}

// TestConcurrentEvents does the same in a V2 pipeline, where collecting blocks while the queue is full.
func TestConcurrentEvents(t *testing.T) {
	checkGoroutines(t)
	const events = 5000
	context := helper.NewObservePipelineContext(1)
	p := newPlugin(t, `{"MaxEvents": 10}`, nil)
	stopped := make(chan struct{})
	var running sync.WaitGroup
	running.Add(2)
	go func() { // the processors
		defer running.Done()
		defer close(stopped)
		for i := 0; i < events; i++ {
			record(t, p, context, newGroup(), newEvent(i, "host", strconv.Itoa(i%3)))
		}
	}()
	go func() { // the timer
		defer running.Done()
		for stop := false; !stop; {
			select {
			case <-stopped:
				stop = true
			default:
			}
			if err := p.GetResult(context); err != nil {
				t.Errorf("GetResult returned %v", err)
			}
		}
	}()
	go func() {
		running.Wait()
		context.Collector().Close()
	}()
	counted := count{t, make(map[string]bool)}
	for group := range context.Collector().Observe() {
		group := group
		counted.add(len(group.Events), func(i int) string { return group.Events[i].GetName() })
	}
	if len(counted.seen) != events {
		t.Errorf("%d events came out, want %d", len(counted.seen), events)
	}
}

// TestSamples runs the plugin as the pipeline files beside this file configure it.
func TestSamples(t *testing.T) {
	v1 := newPlugin(t, sampleDetail(t, "pipeline_v1.json", "aggregators"), make(groupQueue))
	add(t, v1, newLog(1, v1.Key, "a"), nil)
	expectLogGroups(t, v1.Flush(), v1.Key+"=a: 1")

	v2 := newPlugin(t, sampleDetail(t, "pipeline_v2.json", "aggregators"), nil)
	context := helper.NewObservePipelineContext(10)
	record(t, v2, context, newGroup(), newEvent(1, v2.Key, "a"))
	getResult(t, v2, context)
	expectGroups(t, context, v2.Key+"=a: 1")
}

// dropQueue is a queue that is never full.
type dropQueue struct{ groupQueue }

func (dropQueue) Add(*protocol.LogGroup) error { return nil }

func BenchmarkAdd(b *testing.B) {
	p := newPlugin(b, `{}`, dropQueue{})
	tags := []*protocol.LogTag{
		{Key: "host.name", Value: "web-1"},
		{Key: "host.ip", Value: "10.0.0.1"},
	}
	ctx := map[string]interface{}{"tags": tags}
	log := newLog(1, "host", "a")
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		add(b, p, log, ctx)
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

func BenchmarkRecord(b *testing.B) {
	p := newPlugin(b, `{}`, nil)
	context := helper.NewNoopPipelineContext()
	group := newGroup("host.name", "web-1", "host.ip", "10.0.0.1")
	in := &models.PipelineGroupEvents{Group: group, Events: []models.PipelineEvent{newEvent(1, "host", "a")}}
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		if err := p.Record(in, context); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

{% include "shared/test_goroutines.go" %}

{% include "shared/test_sample.go" %}
