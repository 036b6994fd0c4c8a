package {{ cookiecutter.plugin_name }}

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/alibaba/ilogtail/pkg/logger"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

const pluginType = "{{ cookiecutter.__plugin_type }}"

// stdout is taken here, at the start of the process, because the host's logger replaces os.Stdout later on to catch
// what plugins print.
var stdout io.Writer = os.Stdout

var errStopped = errors.New(pluginType + " is stopped")

// {{ cookiecutter.__plugin_struct }} writes every event as a line of JSON.
type {{ cookiecutter.__plugin_struct }} struct {
	// FileName is the file to append to; empty means the standard output.
	FileName string `json:"FileName"`
	// RetryIntervalMs is the time between two attempts to write what could not be written, in milliseconds. It is no
	// time.Duration, because the host decodes the configuration with encoding/json: that would take only nanoseconds,
	// and no "5s" either.
	RetryIntervalMs int `json:"RetryIntervalMs"`

	context pipeline.Context

	// lock is needed, because the host calls SetUrgent while another of its goroutines flushes.
	lock    sync.Mutex
	out     io.Writer // nil when stopped
	file    *os.File
	pending bytes.Buffer // lines to write
	failed  time.Time    // when they could not be written
	urgent  bool
}

var (
	_ pipeline.FlusherV1 = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ pipeline.FlusherV2 = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration and opens the file.
func (p *{{ cookiecutter.__plugin_struct }}) Init(context pipeline.Context) error {
	if p.RetryIntervalMs <= 0 {
		return fmt.Errorf("%s: RetryIntervalMs is %d, must be a positive number of milliseconds", pluginType, p.RetryIntervalMs)
	}
	p.context = context
	p.out = stdout
	if p.FileName != "" {
		file, err := os.OpenFile(p.FileName, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("%s: FileName must be a file that can be written: %w", pluginType, err)
		}
		p.file, p.out = file, file
	}
	return nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// IsReady tells whether the plugin takes more events. While it does not, the host keeps them and asks again every 10
// ms, and the pipeline fills up to its inputs. That is how a full disk loses nothing: the host doesn't come again
// with events for which Flush or Export returned an error.
func (p *{{ cookiecutter.__plugin_struct }}) IsReady(projectName string, logstoreName string, logstoreKey int64) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.out == nil {
		return false
	}
	retryInterval := time.Duration(p.RetryIntervalMs) * time.Millisecond
	if p.pending.Len() > 0 && time.Since(p.failed) >= retryInterval {
		if err := p.write(); err != nil {
			logger.Info(p.context.GetRuntimeContext(), pluginType, "still cannot write", "pending bytes", p.pending.Len(), "error", err)
		}
	}
	return p.pending.Len() == 0 || p.urgent
}

// SetUrgent announces Stop. From now on everything is taken, even if it must wait in memory: what the host is left
// with it may drop. The flag tells whether the configuration goes for good or is being reloaded; this instance ends in
// both cases.
func (p *{{ cookiecutter.__plugin_struct }}) SetUrgent(bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.urgent = true
}

// Flush writes logs in a V1 pipeline.
func (p *{{ cookiecutter.__plugin_struct }}) Flush(projectName string, logstoreName string, configName string, groups []*protocol.LogGroup) error {
	return p.writeLines(func(encoder *json.Encoder) error {
		for _, group := range groups {
			tags := make(map[string]string, len(group.LogTags))
			for _, tag := range group.LogTags {
				tags[tag.Key] = tag.Value
			}
			for _, log := range group.Logs {
				if err := encoder.Encode(lineOfLog(log, tags)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Export writes events of all kinds in a V2 pipeline.
func (p *{{ cookiecutter.__plugin_struct }}) Export(groups []*models.PipelineGroupEvents, _ pipeline.PipelineContext) error {
	return p.writeLines(func(encoder *json.Encoder) error {
		for _, group := range groups {
			for _, event := range group.Events {
				if err := encoder.Encode(lineOfEvent(event, group.Group)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Stop writes what is still pending. The host has flushed everything before.
func (p *{{ cookiecutter.__plugin_struct }}) Stop() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.out == nil {
		return nil
	}
	err := p.write()
	if err != nil {
		err = fmt.Errorf("%s: %d bytes are lost: %w", pluginType, p.pending.Len(), err)
	}
	if p.file != nil {
		if errClose := p.file.Close(); err == nil {
			err = errClose
		}
	}
	p.out = nil
	return err
}

// writeLines adds lines to what is pending and writes all of it. On an error, which the host logs, the rest is kept.
func (p *{{ cookiecutter.__plugin_struct }}) writeLines(encode func(*json.Encoder) error) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.out == nil {
		return errStopped
	}
	encoder := json.NewEncoder(&p.pending)
	encoder.SetEscapeHTML(false)
	errEncode := encode(encoder)
	if err := p.write(); err != nil {
		return err
	}
	return errEncode
}

func (p *{{ cookiecutter.__plugin_struct }}) write() error {
	if p.pending.Len() == 0 {
		return nil
	}
	n, err := p.out.Write(p.pending.Bytes())
	p.pending.Next(n)
	if err != nil {
		p.failed = time.Now()
	}
	return err
}

// line is an event in the output. Time is in nanoseconds; the tags are those of the group and of the event.
type line struct {
	Type     string                 `json:"type"`
	Name     string                 `json:"name,omitempty"`
	Time     uint64                 `json:"time"`
	Tags     map[string]string      `json:"tags,omitempty"`
	Contents map[string]interface{} `json:"contents,omitempty"`
	Value    *number                `json:"value,omitempty"`
	Values   map[string]interface{} `json:"values,omitempty"`
	TraceID  string                 `json:"traceID,omitempty"`
	SpanID   string                 `json:"spanID,omitempty"`
	EndTime  uint64                 `json:"endTime,omitempty"`
	Bytes    []byte                 `json:"bytes,omitempty"`
}

// number is a number in the output, which may be none that JSON knows, as a stale sample of Prometheus.
type number float64

// MarshalJSON writes a string where JSON has no number.
func (n number) MarshalJSON() ([]byte, error) {
	if value := float64(n); math.IsNaN(value) || math.IsInf(value, 0) {
		return json.Marshal(fmt.Sprint(value))
	}
	return json.Marshal(float64(n))
}

func lineOfLog(log *protocol.Log, tags map[string]string) *line {
	contents := make(map[string]interface{}, len(log.Contents))
	for _, content := range log.Contents {
		contents[content.Key] = content.Value
	}
	nanoseconds := uint64(log.GetTime())*uint64(time.Second) + uint64(log.GetTimeNs())
	return &line{Type: "log", Time: nanoseconds, Tags: tags, Contents: contents}
}

func lineOfEvent(event models.PipelineEvent, group *models.GroupInfo) *line {
	l := &line{Name: event.GetName(), Time: event.GetTimestamp(), Tags: make(map[string]string)}
	for key, value := range group.GetTags().Iterator() {
		l.Tags[key] = value
	}
	if tags := event.GetTags(); tags != nil {
		for key, value := range tags.Iterator() {
			l.Tags[key] = value
		}
	}
	switch event := event.(type) {
	case *models.Log:
		l.Type = "log"
		if event.Contents != nil {
			l.Contents = make(map[string]interface{}, event.Contents.Len())
			for key, value := range event.Contents.Iterator() {
				l.Contents[key] = writable(value)
			}
		}
	case *models.Metric:
		l.Type = "metric"
		l.addValues(event)
	case *models.Span:
		l.Type = "span"
		l.TraceID, l.SpanID, l.EndTime = event.TraceID, event.SpanID, event.EndTime
	case models.ByteArray:
		l.Type = "bytes"
		l.Bytes = event
	}
	return l
}

func (l *line) addValues(metric *models.Metric) {
	if metric.GetValue().IsSingleValue() {
		value := number(metric.GetValue().GetSingleValue())
		l.Value = &value
	}
	l.Values = make(map[string]interface{})
	for key, value := range metric.GetValue().GetMultiValues().Iterator() {
		l.Values[key] = number(value)
	}
	for key, value := range metric.GetTypedValue().Iterator() {
		l.Values[key] = writable(value.Value)
	}
}

// writable returns a content as it goes into JSON: text as text, and anything that JSON has nothing for as Go prints
// it, so that no line is lost for it.
func writable(value interface{}) interface{} {
	switch value := value.(type) {
	case string:
		return value
	case []byte:
		return string(value)
	}
	if _, err := json.Marshal(value); err != nil {
		return fmt.Sprint(value)
	}
	return value
}

func init() {
	pipeline.AddFlusherCreator(pluginType, func() pipeline.Flusher {
		return &{{ cookiecutter.__plugin_struct }}{RetryIntervalMs: 1000}
	})
}
