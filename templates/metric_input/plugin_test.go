package {{ cookiecutter.plugin_name }}

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
	p := pipeline.MetricInputs[pluginType]().(*{{ cookiecutter.__plugin_struct }})
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

// write makes a file of a size that was last written to some time ago.
func write(t testing.TB, path string, size int, age time.Duration) {
	t.Helper()
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	written := time.Now().Add(-age)
	if err := os.Chtimes(path, written, written); err != nil {
		t.Fatal(err)
	}
}

// report is what both pipelines have in common of the plugin's events.
type report struct {
	values map[string]float64
	times  map[string]time.Time
}

// collect lets the plugin report once as the host does.
var collect = map[string]func(t *testing.T, p *{{ cookiecutter.__plugin_struct }}) (report, error){
	"V1": func(t *testing.T, p *{{ cookiecutter.__plugin_struct }}) (report, error) {
		t.Helper()
		collector := &helper.LocalCollector{}
		err := p.Collect(collector)
		r := report{make(map[string]float64), make(map[string]time.Time)}
		for _, log := range collector.Logs {
			r.addLog(t, p, log)
		}
		return r, err
	},
	"V2": func(t *testing.T, p *{{ cookiecutter.__plugin_struct }}) (report, error) {
		t.Helper()
		context := helper.NewObservePipelineContext(10)
		err := p.Read(context)
		r := report{make(map[string]float64), make(map[string]time.Time)}
		for _, group := range context.Collector().ToArray() {
			// What the host does to every group when EnableProcessorTag is set.
			group.Group.Tags.Add("host.name", "added by the host")
			group.Group.Metadata.Add("source", "added by the host")
			if got := group.Group.GetTags().Len() + group.Group.GetMetadata().Len(); got != 2 {
				t.Errorf("the group has %d tags and metadata, want the 2 that were added", got)
			}
			for _, event := range group.Events {
				r.addMetric(t, p, event.(*models.Metric))
			}
		}
		return r, err
	},
}

func (r report) addLog(t *testing.T, p *{{ cookiecutter.__plugin_struct }}, log *protocol.Log) {
	t.Helper()
	contents := make(map[string]string)
	for _, content := range log.Contents {
		contents[content.Key] = content.Value
	}
	if want := "directory#$#" + p.Directory; contents["__labels__"] != want {
		t.Errorf("the labels are %q, want %q", contents["__labels__"], want)
	}
	name := contents["__name__"]
	value, err := strconv.ParseFloat(contents["__value__"], 64)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	nanoseconds, err := strconv.ParseInt(contents["__time_nano__"], 10, 64)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	r.values[name], r.times[name] = value, time.Unix(0, nanoseconds)
	if got := time.Unix(int64(log.Time), int64(*log.TimeNs)); !got.Equal(r.times[name]) {
		t.Errorf("%s: the log's time is %v, want %v", name, got, r.times[name])
	}
}

func (r report) addMetric(t *testing.T, p *{{ cookiecutter.__plugin_struct }}, metric *models.Metric) {
	t.Helper()
	if got := metric.GetTags().Get("directory"); got != p.Directory || metric.GetTags().Len() != 1 {
		t.Errorf("the tags are %v", metric.GetTags().Iterator())
	}
	// Tags must not be shared, either.
	metric.GetTags().Add("added", "by a processor")
	if metric.GetMetricType() != models.MetricTypeGauge {
		t.Errorf("the type is %v", metric.GetMetricType())
	}
	r.values[metric.GetName()] = metric.GetValue().GetSingleValue()
	r.times[metric.GetName()] = time.Unix(0, int64(metric.GetTimestamp()))
}

// forBoth runs a test in a V1 and in a V2 pipeline.
func forBoth(t *testing.T, test func(t *testing.T, collect func(*{{ cookiecutter.__plugin_struct }}) (report, error))) {
	for _, version := range []string{"V1", "V2"} {
		version := version
		t.Run(version, func(t *testing.T) {
			test(t, func(p *{{ cookiecutter.__plugin_struct }}) (report, error) {
				t.Helper()
				return collect[version](t, p)
			})
		})
	}
}

// newDetail is the detail of a plugin that looks at a directory.
func newDetail(t testing.TB, directory, pattern string) string {
	t.Helper()
	detail, err := json.Marshal(map[string]string{"Directory": directory, "Pattern": pattern})
	if err != nil {
		t.Fatal(err)
	}
	return string(detail)
}

func TestDefaults(t *testing.T) {
	p := newPlugin(t, `{}`)
	if p.IntervalMs != 0 || p.Directory != "." || p.Pattern != "*" {
		t.Errorf("the defaults are %d, %q and %q", p.IntervalMs, p.Directory, p.Pattern)
	}
}

func TestInterval(t *testing.T) {
	for detail, want := range map[string]int{`{}`: 0, `{"IntervalMs": 1500}`: 1500} {
		p := pipeline.MetricInputs[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Init(newContext()); got != want || err != nil {
			t.Errorf("%s: Init returned %d, %v, want %d", detail, got, err, want)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"IntervalMs": -1}`: "IntervalMs is -1",
		`{"Directory": ""}`:  "Directory is empty",
		`{"Pattern": "["}`:   `Pattern is "["`,
	} {
		p := pipeline.MetricInputs[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Init(newContext()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
}

func TestReport(t *testing.T) {
	forBoth(t, func(t *testing.T, collect func(*{{ cookiecutter.__plugin_struct }}) (report, error)) {
		directory := t.TempDir()
		write(t, filepath.Join(directory, "new.log"), 10, time.Minute)
		write(t, filepath.Join(directory, "old.log"), 7, time.Hour)
		write(t, filepath.Join(directory, "older.txt"), 1000, 2*time.Hour)
		if err := os.Mkdir(filepath.Join(directory, "directory.log"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(directory, "directory.log", "below.log"), 1000, 2*time.Hour)

		began := time.Now()
		got, err := collect(newPlugin(t, newDetail(t, directory, "*.log")))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.values) != 3 || got.values["directory_files"] != 2 || got.values["directory_bytes"] != 17 {
			t.Errorf("got %v", got.values)
		}
		// File systems may round times, to 2 s at most.
		if age := got.values["directory_oldest_seconds"]; math.Abs(age-time.Hour.Seconds()) > 60 {
			t.Errorf("the oldest file is %v s old, want an hour", age)
		}
		for name, at := range got.times {
			if at.Before(began.Truncate(0)) || at.After(time.Now()) {
				t.Errorf("%s has the time %v", name, at)
			}
		}
	})
}

// TestLargeDirectory has more files than are read at once.
func TestLargeDirectory(t *testing.T) {
	directory := t.TempDir()
	for i := 0; i < 2*batchSize+1; i++ {
		write(t, filepath.Join(directory, strconv.Itoa(i)), 1, 0)
	}
	forBoth(t, func(t *testing.T, collect func(*{{ cookiecutter.__plugin_struct }}) (report, error)) {
		got, err := collect(newPlugin(t, newDetail(t, directory, "*")))
		if err != nil || got.values["directory_files"] != 2*batchSize+1 || got.values["directory_bytes"] != 2*batchSize+1 {
			t.Errorf("got %v, %v", got.values, err)
		}
	})
}

func TestEmptyDirectory(t *testing.T) {
	forBoth(t, func(t *testing.T, collect func(*{{ cookiecutter.__plugin_struct }}) (report, error)) {
		got, err := collect(newPlugin(t, newDetail(t, t.TempDir(), "*")))
		if err != nil || len(got.values) != 3 {
			t.Errorf("got %v, %v", got.values, err)
		}
		for name, value := range got.values {
			if value != 0 {
				t.Errorf("%s is %v", name, value)
			}
		}
	})
}

// TestDirectoryComesLater starts before there is a directory.
func TestDirectoryComesLater(t *testing.T) {
	forBoth(t, func(t *testing.T, collect func(*{{ cookiecutter.__plugin_struct }}) (report, error)) {
		directory := filepath.Join(t.TempDir(), "later")
		p := newPlugin(t, newDetail(t, directory, "*"))
		got, err := collect(p)
		if !errors.Is(err, fs.ErrNotExist) || len(got.values) != 0 {
			t.Errorf("got %v, %v", got.values, err)
		}
		if err = os.Mkdir(directory, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(directory, "file"), 3, 0)
		got, err = collect(p)
		if err != nil || got.values["directory_files"] != 1 || got.values["directory_bytes"] != 3 {
			t.Errorf("got %v, %v", got.values, err)
		}
	})
}

// vanished is an entry of a directory whose file is gone when it is looked at.
type vanished struct{ fs.DirEntry }

func (vanished) Name() string               { return "vanished" }
func (vanished) Type() fs.FileMode          { return 0 }
func (vanished) Info() (fs.FileInfo, error) { return nil, fs.ErrNotExist }

func TestVanishedFile(t *testing.T) {
	var u usage
	if err := newPlugin(t, `{}`).add(&u, vanished{}); err != nil || u != (usage{}) {
		t.Errorf("got %v, %v", u, err)
	}
}

// TestFutureFile: clocks differ, as those of a file server and this host.
func TestFutureFile(t *testing.T) {
	now := time.Now()
	if got := (usage{files: 1, oldest: now.Add(time.Hour)}).metrics(now)[2].value; got != 0 {
		t.Errorf("the age is %v", got)
	}
}

// TestSamples runs the plugin as the pipeline files beside this file configure it.
func TestSamples(t *testing.T) {
	for version, file := range map[string]string{"V1": "pipeline_v1.json", "V2": "pipeline_v2.json"} {
		got, err := collect[version](t, newPlugin(t, sampleDetail(t, file, "inputs")))
		if err != nil || got.values["directory_files"] == 0 {
			t.Errorf("%s: got %v, %v", version, got.values, err)
		}
	}
}

// benchmark reports a directory of a hundred files.
func benchmark(b *testing.B, collect func(*{{ cookiecutter.__plugin_struct }}) error) {
	directory := b.TempDir()
	for i := 0; i < 100; i++ {
		write(b, filepath.Join(directory, strconv.Itoa(i)), 1, 0)
	}
	p := newPlugin(b, newDetail(b, directory, "*"))
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		if err := collect(p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "reports/s")
}

func BenchmarkCollect(b *testing.B) {
	collector := &helper.LocalCollector{}
	benchmark(b, func(p *{{ cookiecutter.__plugin_struct }}) error {
		collector.Logs = collector.Logs[:0]
		return p.Collect(collector)
	})
}

func BenchmarkRead(b *testing.B) {
	context := helper.NewNoopPipelineContext()
	benchmark(b, func(p *{{ cookiecutter.__plugin_struct }}) error {
		return p.Read(context)
	})
}

{% include "shared/test_sample.go" %}
