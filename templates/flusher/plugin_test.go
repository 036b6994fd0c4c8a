package {{ cookiecutter.plugin_name }}

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
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

// newPlugin makes a plugin as the host does: by the registered creator, with the detail of a pipeline file.
func newPlugin(t testing.TB, detail string) *{{ cookiecutter.__plugin_struct }} {
	t.Helper()
	p := pipeline.Flushers[pluginType]().(*{{ cookiecutter.__plugin_struct }})
	if err := json.Unmarshal([]byte(detail), p); err != nil {
		t.Fatal(err)
	}
	if err := p.Init(newContext()); err != nil {
		t.Fatal(err)
	}
	return p
}

// newPluginTo makes a plugin that writes to another place than it is configured to.
func newPluginTo(t testing.TB, out io.Writer) *{{ cookiecutter.__plugin_struct }} {
	t.Helper()
	p := newPlugin(t, `{"RetryIntervalMs": 1}`)
	p.out = out
	return p
}

func newContext() pipeline.Context {
	context := &helper.LocalContext{}
	context.InitContext("project", "logstore", "config")
	return context
}

// device is a file on a disk that can be full.
type device struct {
	bytes.Buffer
	room int // how many bytes it takes until it is full
}

var errFull = errors.New("no space left on device")

func (d *device) Write(text []byte) (int, error) {
	if len(text) > d.room {
		n, _ := d.Buffer.Write(text[:d.room])
		d.room = 0
		return n, errFull
	}
	d.room -= len(text)
	return d.Buffer.Write(text)
}

func newLog(keyValues ...string) *protocol.Log {
	log := &protocol.Log{}
	protocol.SetLogTimeWithNano(log, 1700000000, 123456789)
	for i := 0; i < len(keyValues); i += 2 {
		log.Contents = append(log.Contents, &protocol.Log_Content{Key: keyValues[i], Value: keyValues[i+1]})
	}
	return log
}

// send sends events with the numbers through a pipeline of one of the versions.
var send = map[string]func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error{
	"V1": func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error {
		group := &protocol.LogGroup{}
		for _, number := range numbers {
			group.Logs = append(group.Logs, newLog("number", strconv.Itoa(number)))
		}
		return p.Flush("project", "logstore", "config", []*protocol.LogGroup{group})
	},
	"V2": func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error {
		group := &models.PipelineGroupEvents{Group: models.NewGroup(models.NewMetadata(), models.NewTags())}
		for _, number := range numbers {
			log := models.NewSimpleLog(nil, models.NewTags(), 1700000000123456789)
			log.Contents.Add("number", strconv.Itoa(number))
			group.Events = append(group.Events, log)
		}
		return p.Export([]*models.PipelineGroupEvents{group}, helper.NewNoopPipelineContext())
	},
}

// forBoth runs a test in a V1 and in a V2 pipeline.
func forBoth(t *testing.T, test func(t *testing.T, send func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error)) {
	for _, version := range []string{"V1", "V2"} {
		version := version
		t.Run(version, func(t *testing.T) { test(t, send[version]) })
	}
}

// numbersIn returns the numbers of the events that were written, each in a whole line.
func numbersIn(t *testing.T, text string) []int {
	t.Helper()
	numbers := []int{}
	for _, l := range strings.SplitAfter(text, "\n") {
		if l == "" {
			continue
		}
		l = strings.TrimPrefix(l, `{"type":"log","time":1700000000123456789,"contents":{"number":"`)
		l = strings.TrimSuffix(l, "\"}}\n")
		number, err := strconv.Atoi(l)
		if err != nil {
			t.Errorf("the line has %q where a number is expected", l)
		}
		numbers = append(numbers, number)
	}
	return numbers
}

func expectNumbers(t *testing.T, text string, want ...int) {
	t.Helper()
	if got := numbersIn(t, text); !reflect.DeepEqual(got, append([]int{}, want...)) {
		t.Errorf("the numbers %v were written, want %v", got, want)
	}
}

func isReady(p *{{ cookiecutter.__plugin_struct }}) bool {
	return p.IsReady("project", "logstore", 1)
}

func TestDefaults(t *testing.T) {
	p := newPlugin(t, `{}`)
	if p.FileName != "" || p.RetryIntervalMs != 1000 {
		t.Errorf("the defaults are %q and %d", p.FileName, p.RetryIntervalMs)
	}
	if p.out != stdout {
		t.Errorf("it writes to %v", p.out)
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"RetryIntervalMs": 0}`:           "RetryIntervalMs is 0",
		`{"FileName": "no/such/folder/x"}`: "FileName must be a file that can be written",
	} {
		p := pipeline.Flushers[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if err := p.Init(newContext()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
}

func TestFlush(t *testing.T) {
	out := &device{room: 1000}
	p := newPluginTo(t, out)
	withoutNano := newLog("a", "1", "a", "2")
	withoutNano.TimeNs = nil
	groups := []*protocol.LogGroup{
		{
			Logs: []*protocol.Log{newLog("content", "a<b>&\n中"), withoutNano},
			LogTags: []*protocol.LogTag{
				{Key: "host", Value: "web-1"},
			},
		},
		{},
		{Logs: []*protocol.Log{newLog()}},
	}
	if err := p.Flush("project", "logstore", "config", groups); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"log","time":1700000000123456789,"tags":{"host":"web-1"},"contents":{"content":"a<b>&\n中"}}
{"type":"log","time":1700000000000000000,"tags":{"host":"web-1"},"contents":{"a":"2"}}
{"type":"log","time":1700000000123456789}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExport(t *testing.T) {
	out := &device{room: 10000}
	p := newPluginTo(t, out)
	log := models.NewLog("name", []byte("text"), "", "", "", models.NewTagsWithKeyValues("a", "event"), 1)
	log.Contents.Add("number", 5)
	log.Contents.Add("complex", 1i)
	values := models.NewMetricMultiValueWithMap(map[string]float64{"x": 1, "y": math.Inf(1)})
	typed := models.NewMetricTypedValueWithMap(map[string]*models.TypedValue{
		"ok": {Type: models.ValueTypeBoolean, Value: true},
	})
	events := []models.PipelineEvent{
		log,
		models.NewSingleValueMetric("single", models.MetricTypeGauge, models.NewTags(), 2, 1.5),
		models.NewSingleValueMetric("none", models.MetricTypeGauge, models.NewTags(), 3, math.NaN()),
		models.NewMetric("multi", models.MetricTypeGauge, models.NewTags(), 4, values, typed),
		models.NewSpan("span", "trace", "id", models.SpanKindClient, 5, 6, models.NewTags(), nil, nil),
		models.NewByteArray([]byte("bytes")),
		&models.Log{},
	}
	group := models.NewGroup(models.NewMetadata(), models.NewTagsWithKeyValues("a", "group", "b", "group"))
	groups := []*models.PipelineGroupEvents{
		{Group: group, Events: events},
		{Group: &models.GroupInfo{}, Events: []models.PipelineEvent{models.NewSimpleLog(nil, models.NewTags(), 7)}},
	}
	if err := p.Export(groups, helper.NewNoopPipelineContext()); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"log","name":"name","time":1,"tags":{"a":"event","b":"group"},"contents":{"complex":"(0+1i)","content":"text","number":5}}
{"type":"metric","name":"single","time":2,"tags":{"a":"group","b":"group"},"value":1.5}
{"type":"metric","name":"none","time":3,"tags":{"a":"group","b":"group"},"value":"NaN"}
{"type":"metric","name":"multi","time":4,"tags":{"a":"group","b":"group"},"values":{"ok":true,"x":1,"y":"+Inf"}}
{"type":"span","name":"span","time":5,"tags":{"a":"group","b":"group"},"traceID":"trace","spanID":"id","endTime":6}
{"type":"bytes","time":0,"tags":{"a":"group","b":"group"},"bytes":"Ynl0ZXM="}
{"type":"log","time":0,"tags":{"a":"group","b":"group"}}
{"type":"log","time":7}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFile(t *testing.T) {
	forBoth(t, func(t *testing.T, send func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error) {
		name := filepath.Join(t.TempDir(), "events.json")
		detail, err := json.Marshal(map[string]string{"FileName": name})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i <= 3; i += 2 { // as before and after a reload
			p := newPlugin(t, string(detail))
			if !isReady(p) {
				t.Error("it is not ready")
			}
			if err = send(p, i, i+1); err != nil {
				t.Error(err)
			}
			for j := 0; j < 2; j++ {
				if err = p.Stop(); err != nil {
					t.Errorf("Stop returned %v", err)
				}
			}
			if err = send(p, 100); !errors.Is(err, errStopped) {
				t.Errorf("after Stop: got %v, want %v", err, errStopped)
			}
			if isReady(p) {
				t.Error("it is ready after Stop")
			}
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		expectNumbers(t, string(content), 1, 2, 3, 4)
	})
}

// TestFullDevice has no room for a while, and takes a part of a line before.
func TestFullDevice(t *testing.T) {
	forBoth(t, func(t *testing.T, send func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error) {
		out := &device{room: 100}
		p := newPluginTo(t, out)
		if err := send(p, 1, 2); !errors.Is(err, errFull) {
			t.Errorf("got %v, want %v", err, errFull)
		}
		if isReady(p) {
			t.Error("it is ready while lines are pending")
		}
		out.room = 1000
		waitFor(t, "IsReady", func() bool { return isReady(p) })
		expectNumbers(t, out.String(), 1, 2)
		if err := send(p, 3); err != nil {
			t.Error(err)
		}
		expectNumbers(t, out.String(), 1, 2, 3)
	})
}

// TestRetryInterval: the host asks every 10 ms, but the device is not bothered so often.
func TestRetryInterval(t *testing.T) {
	out := &device{}
	p := newPluginTo(t, out)
	p.RetryIntervalMs = 3600000
	if err := send["V1"](p, 1); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
	out.room = 1000
	if isReady(p) {
		t.Error("it tried again at once")
	}
	p.failed = p.failed.Add(-time.Hour)
	if !isReady(p) {
		t.Error("it did not try again")
	}
	expectNumbers(t, out.String(), 1)
}

// TestUrgent stops a plugin while the device is full: everything is taken, and written if there is room at last.
func TestUrgent(t *testing.T) {
	for _, flag := range []bool{false, true} {
		forBoth(t, func(t *testing.T, send func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error) {
			out := &device{}
			p := newPluginTo(t, out)
			if err := send(p, 1); !errors.Is(err, errFull) {
				t.Errorf("got %v, want %v", err, errFull)
			}
			p.SetUrgent(flag)
			if !isReady(p) {
				t.Error("it is not ready though it is urgent")
			}
			if err := send(p, 2, 3); !errors.Is(err, errFull) {
				t.Errorf("got %v, want %v", err, errFull)
			}
			out.room = 1000
			if err := p.Stop(); err != nil {
				t.Errorf("Stop returned %v", err)
			}
			expectNumbers(t, out.String(), 1, 2, 3)
		})
	}
}

// TestStopTellsOfLoss: the device is full to the end.
func TestStopTellsOfLoss(t *testing.T) {
	p := newPluginTo(t, &device{})
	if err := send["V2"](p, 1); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
	if err := p.Stop(); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "bytes are lost") {
		t.Errorf("Stop returned %v", err)
	}
}

// TestConcurrent calls what the host calls from several goroutines, on a device that is full soon.
func TestConcurrent(t *testing.T) {
	forBoth(t, func(t *testing.T, send func(p *{{ cookiecutter.__plugin_struct }}, numbers ...int) error) {
		checkGoroutines(t)
		out := &device{room: 100}
		p := newPluginTo(t, out)
		want := []int{}
		var running sync.WaitGroup
		running.Add(2)
		go func() {
			defer running.Done()
			for i := 1; i <= 100; i++ {
				want = append(want, i)
				for !isReady(p) {
					runtime.Gosched()
				}
				if err := send(p, i); err != nil && !errors.Is(err, errFull) {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer running.Done()
			for i := 0; i < 100; i++ {
				p.SetUrgent(true)
			}
		}()
		running.Wait()
		out.room = 1 << 20
		if err := p.Stop(); err != nil {
			t.Errorf("Stop returned %v", err)
		}
		expectNumbers(t, out.String(), want...)
	})
}

// TestSamples runs the plugin as the pipeline files beside this file configure it.
func TestSamples(t *testing.T) {
	for version, file := range map[string]string{"V1": "pipeline_v1.json", "V2": "pipeline_v2.json"} {
		p := newPlugin(t, sampleDetail(t, file, "flushers"))
		if p.out != stdout {
			t.Errorf("%s: it writes to %v", version, p.out)
		}
		out := &device{room: 1000}
		p.out = out
		if err := send[version](p, 1); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		if err := p.Stop(); err != nil {
			t.Errorf("%s: Stop returned %v", version, err)
		}
		expectNumbers(t, out.String(), 1)
	}
}

// benchmark sends groups of a hundred events.
func benchmark(b *testing.B, version string) {
	p := newPluginTo(b, io.Discard)
	numbers := make([]int, 100)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		if err := send[version](p, numbers...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(numbers))/time.Since(began).Seconds(), "logs/s")
}

func BenchmarkFlush(b *testing.B)  { benchmark(b, "V1") }
func BenchmarkExport(b *testing.B) { benchmark(b, "V2") }

{% include "shared/test_wait.go" %}

{% include "shared/test_goroutines.go" %}

{% include "shared/test_sample.go" %}
