package {{ cookiecutter.plugin_name }}

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"os"
	"reflect"
	"regexp"
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
	p := pipeline.Processors[pluginType]().(*{{ cookiecutter.__plugin_struct }})
	if err := json.Unmarshal([]byte(detail), p); err != nil {
		t.Fatal(err)
	}
	if err := p.Init(newContext()); err != nil {
		t.Fatal(err)
	}
	return p
}

func newContext() pipeline.Context {
	context := &helper.LocalContext{}
	context.InitContext("project", "logstore", "config")
	return context
}

func newLog(keyValues ...string) *protocol.Log {
	log := &protocol.Log{}
	protocol.SetLogTimeWithNano(log, 1700000000, 123456789)
	for i := 0; i < len(keyValues); i += 2 {
		log.Contents = append(log.Contents, &protocol.Log_Content{Key: keyValues[i], Value: keyValues[i+1]})
	}
	return log
}

func TestDefaults(t *testing.T) {
	p := newPlugin(t, `{}`)
	if p.Key != "content" || p.MinDigits != 11 || p.KeepDigits != 4 {
		t.Errorf("the defaults are %q, %d and %d", p.Key, p.MinDigits, p.KeepDigits)
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"Key": ""}`:                        "Key is empty",
		`{"MinDigits": 0}`:                   "MinDigits is 0",
		`{"KeepDigits": -1}`:                 "KeepDigits is -1",
		`{"MinDigits": 4, "KeepDigits": 4}`:  "KeepDigits is 4",
		`{"MinDigits": -1, "KeepDigits": 0}`: "MinDigits is -1",
	} {
		p := pipeline.Processors[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if err := p.Init(newContext()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
}

func TestMask(t *testing.T) {
	for value, want := range map[string]string{
		"":                          "",
		"1234":                      "1234",
		"12345":                     "***45",
		"123456789":                 "*******89",
		"call 12345, not 1234":      "call ***45, not 1234",
		"1234 12345 123456":         "1234 ***45 ****56",
		"a12345":                    "a***45",
		"电话12345。":                  "电话***45。",
		"١٢٣٤٥ are no ASCII digits": "١٢٣٤٥ are no ASCII digits",
	} {
		if got := mask(value, 5, 2); want != value && string(got) != want || want == value && got != nil {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
		if got := mask([]byte(value), 5, 2); want != value && string(got) != want || want == value && got != nil {
			t.Errorf("%q as bytes: got %q, want %q", value, got, want)
		}
	}
}

// TestMaskRandomly compares with the regular expression that would be too slow.
func TestMaskRandomly(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 10000; i++ {
		minDigits := 1 + random.Intn(6)
		keepDigits := random.Intn(minDigits)
		value := make([]byte, random.Intn(40))
		for j := range value {
			value[j] = "0123456789ab"[random.Intn(12)]
		}
		want := regexp.MustCompile(`[0-9]+`).ReplaceAllFunc(value, func(digits []byte) []byte {
			if len(digits) < minDigits {
				return digits
			}
			masked := bytes.Repeat([]byte("*"), len(digits)-keepDigits)
			return append(masked, digits[len(digits)-keepDigits:]...)
		})
		got := mask(value, minDigits, keepDigits)
		if got == nil {
			got = value
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%q masked with %d and %d is %q, want %q", value, minDigits, keepDigits, got, want)
		}
	}
}

func TestProcessLogs(t *testing.T) {
	p := newPlugin(t, `{"Key": "phone"}`)
	logs := []*protocol.Log{
		newLog("phone", "13800138000", "content", "13800138000"),
		newLog("content", "no phone"),
		newLog(),
		newLog("phone", "13800138000", "phone", "13900139000"),
	}
	want := []*protocol.Log{
		newLog("phone", "*******8000", "content", "13800138000"),
		newLog("content", "no phone"),
		newLog(),
		newLog("phone", "*******8000", "phone", "*******9000"),
	}
	if got := p.ProcessLogs(logs); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := p.ProcessLogs(nil); len(got) != 0 {
		t.Errorf("no logs became %v", got)
	}
}

// process sends events through the plugin as the host does, and returns what the next plugin gets.
func process(t *testing.T, p *{{ cookiecutter.__plugin_struct }}, group *models.GroupInfo, events ...models.PipelineEvent) []models.PipelineEvent {
	t.Helper()
	context := helper.NewGroupedPipelineContext()
	p.Process(&models.PipelineGroupEvents{Group: group, Events: events}, context)
	groups := context.Collector().ToArray()
	if len(groups) != 1 || groups[0].Group != group {
		t.Fatalf("got %d groups, want the one that was put in", len(groups))
	}
	return groups[0].Events
}

func newGroup() *models.GroupInfo {
	return models.NewGroup(models.NewMetadataWithKeyValues("topic", "13800138000"), models.NewTagsWithKeyValues("phone", "13800138000"))
}

func TestProcess(t *testing.T) {
	p := newPlugin(t, `{"Key": "phone"}`)
	group := newGroup()
	log := models.NewLog("name", []byte("13800138000"), "info", "span", "trace", models.NewTags(), 1700000000123456789)
	log.Contents.Add("phone", "13800138000")
	log.Contents.Add("number", int64(13800138000))
	bytesOfText := []byte("13800138000")
	logOfBytes := models.NewSimpleLog(nil, models.NewTags(), 1)
	logOfBytes.Contents.Add("phone", bytesOfText)

	got := process(t, p, group, log, logOfBytes)
	if len(got) != 2 || got[0] != models.PipelineEvent(log) || got[1] != models.PipelineEvent(logOfBytes) {
		t.Fatalf("got %v, want the events that were put in", got)
	}
	want := map[string]interface{}{"content": []byte("13800138000"), "phone": "*******8000", "number": int64(13800138000)}
	if !reflect.DeepEqual(log.Contents.Iterator(), want) {
		t.Errorf("the contents are %v, want %v", log.Contents.Iterator(), want)
	}
	if log.Name != "name" || log.Level != "info" || log.Timestamp != 1700000000123456789 || log.TraceID != "trace" {
		t.Errorf("the log has become %v", log)
	}
	if got := logOfBytes.Contents.Get("phone"); !reflect.DeepEqual(got, []byte("*******8000")) {
		t.Errorf("the bytes have become %q", got)
	}
	if string(bytesOfText) != "13800138000" {
		t.Error("the bytes were changed in place: they may be those of a string")
	}
	if got := group.Tags.Get("phone") + group.Metadata.Get("topic"); got != "1380013800013800138000" {
		t.Errorf("the group has become %v", group)
	}
}

func TestProcessTags(t *testing.T) {
	p := newPlugin(t, `{"Key": "phone"}`)
	shared := models.NewTagsWithKeyValues("phone", "13800138000", "host", "web-1")
	events := []models.PipelineEvent{
		models.NewSimpleLog(nil, shared, 1),
		models.NewSingleValueMetric("calls", models.MetricTypeCounter, shared, 2, 1),
		models.NewSpan("call", "trace", "span", models.SpanKindClient, 3, 4, shared, nil, nil),
	}
	for _, event := range process(t, p, newGroup(), events...) {
		if got := event.GetTags().Get("phone"); got != "*******8000" {
			t.Errorf("the tag of %v is %q", event, got)
		}
		if got := event.GetTags().Get("host"); got != "web-1" || event.GetTags().Len() != 2 {
			t.Errorf("the tags of %v are %v", event, event.GetTags().Iterator())
		}
	}
	if got := shared.Get("phone"); got != "13800138000" {
		t.Errorf("the tags that events share have become %q", got)
	}
}

// TestProcessPassesOn puts in what the plugin has nothing to do with.
func TestProcessPassesOn(t *testing.T) {
	p := newPlugin(t, `{"Key": "phone"}`)
	tags := models.NewTagsWithKeyValues("host", "web-1")
	metric := models.NewSingleValueMetric("calls", models.MetricTypeCounter, tags, 2, 13800138000.0)
	events := []models.PipelineEvent{
		models.NewByteArray([]byte("13800138000")),
		metric,
		&models.Log{},
		models.NewSpan("13800138000", "trace", "span", models.SpanKindClient, 3, 4, tags, nil, nil),
		&models.Metric{Value: &models.MetricSingleValue{}},
		models.NewSimpleLog([]byte("13800138000"), tags, 1),
		&models.Span{},
	}
	want := make([]string, 0, len(events))
	for _, event := range events {
		want = append(want, dump(t, event))
	}
	got := process(t, p, newGroup(), events...)
	if len(got) != len(events) {
		t.Fatalf("%d of %d events came out", len(got), len(events))
	}
	for i, event := range got {
		if dump(t, event) != want[i] {
			t.Errorf("event %d has become %s, was %s", i, dump(t, event), want[i])
		}
	}
	if metric.GetTags() != tags {
		t.Error("tags that needed no change were copied")
	}

	context := helper.NewGroupedPipelineContext()
	p.Process(&models.PipelineGroupEvents{Group: newGroup()}, context)
	if got := context.Collector().ToArray(); len(got) != 0 {
		t.Errorf("a group without events became %v", got)
	}
}

func dump(t *testing.T, event models.PipelineEvent) string {
	t.Helper()
	type plain struct {
		Type     models.EventType
		Name     string
		Time     uint64
		Tags     map[string]string
		Contents map[string]interface{}
		Bytes    []byte
		Value    float64
	}
	p := plain{Type: event.GetType(), Name: event.GetName(), Time: event.GetTimestamp()}
	if tags := event.GetTags(); tags != nil {
		p.Tags = tags.Iterator()
	}
	switch event := event.(type) {
	case *models.Log:
		if event.Contents != nil {
			p.Contents = event.Contents.Iterator()
		}
	case *models.Metric:
		p.Value = event.GetValue().GetSingleValue()
	case models.ByteArray:
		p.Bytes = event
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSamples runs the plugin as the pipeline files beside this file configure it.
func TestSamples(t *testing.T) {
	v1 := newPlugin(t, sampleDetail(t, "pipeline_v1.json", "processors"))
	logs := v1.ProcessLogs([]*protocol.Log{newLog(v1.Key, "13800138000")})
	if got := logs[0].Contents[0].Value; got != "*******8000" {
		t.Errorf("V1: got %q", got)
	}

	v2 := newPlugin(t, sampleDetail(t, "pipeline_v2.json", "processors"))
	metric := models.NewSingleValueMetric("calls", models.MetricTypeCounter, models.NewTagsWithKeyValues(v2.Key, "13800138000"), 1, 1)
	if got := process(t, v2, newGroup(), metric)[0].GetTags().Get(v2.Key); got != "*******8000" {
		t.Errorf("V2: got %q", got)
	}
}

// The host admits a processor that handles 40 000 logs of 512 random characters in a second.
func randomContent(digits string) string {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	random := rand.New(rand.NewSource(1))
	content := make([]byte, 512)
	for i := range content {
		content[i] = characters[random.Intn(len(characters))]
	}
	copy(content[len(content)-len(digits):], digits)
	return string(content)
}

// phone makes the content one that has to be changed.
const phone = "13800138000"

func TestNoAllocations(t *testing.T) {
	p := newPlugin(t, `{}`)
	logs := []*protocol.Log{newLog("content", randomContent(""))}
	if got := testing.AllocsPerRun(100, func() { p.ProcessLogs(logs) }); got != 0 {
		t.Errorf("V1: %v allocations", got)
	}
	context := helper.NewNoopPipelineContext()
	group := groupOf(randomContent(""))
	if got := testing.AllocsPerRun(100, func() { p.Process(group, context) }); got != 0 {
		t.Errorf("V2: %v allocations", got)
	}
}

func groupOf(content string) *models.PipelineGroupEvents {
	log := models.NewSimpleLog([]byte(content), models.NewTags(), 1)
	return &models.PipelineGroupEvents{Group: newGroup(), Events: []models.PipelineEvent{log}}
}

func benchmarkV1(b *testing.B, content string) {
	p := newPlugin(b, `{}`)
	log := newLog("content", content)
	logs := []*protocol.Log{log}
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		log.Contents[0].Value = content
		p.ProcessLogs(logs)
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

func benchmarkV2(b *testing.B, content string) {
	p := newPlugin(b, `{}`)
	context := helper.NewNoopPipelineContext()
	group := groupOf(content)
	contents := group.Events[0].(*models.Log).Contents
	var body interface{} = []byte(content)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		contents.Add("content", body)
		p.Process(group, context)
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logs/s")
}

func BenchmarkUnchangedV1(b *testing.B) { benchmarkV1(b, randomContent("")) }
func BenchmarkUnchangedV2(b *testing.B) { benchmarkV2(b, randomContent("")) }
func BenchmarkMaskedV1(b *testing.B)    { benchmarkV1(b, randomContent(phone)) }
func BenchmarkMaskedV2(b *testing.B)    { benchmarkV2(b, randomContent(phone)) }

{% include "shared/test_sample.go" %}
