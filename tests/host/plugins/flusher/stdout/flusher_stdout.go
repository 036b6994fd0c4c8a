// Package stdout is a stand-in for the host's flusher_stdout: the same form of output, without its options.
package stdout

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

type flusherStdout struct {
	OnlyStdout bool
}

func (*flusherStdout) Init(pipeline.Context) error        { return nil }
func (*flusherStdout) Description() string                { return "stand-in" }
func (*flusherStdout) IsReady(string, string, int64) bool { return true }
func (*flusherStdout) SetUrgent(bool)                     {}
func (*flusherStdout) Stop() error                        { return nil }

func (f *flusherStdout) Flush(_, _, _ string, groups []*protocol.LogGroup) error {
	for _, group := range groups {
		for _, log := range group.Logs {
			line := make(map[string]interface{})
			for _, content := range log.Contents {
				line[content.Key] = content.Value
			}
			line["__time__"] = strconv.Itoa(int(log.Time))
			f.print(line, nil)
		}
	}
	return nil
}

func (f *flusherStdout) Export(groups []*models.PipelineGroupEvents, _ pipeline.PipelineContext) error {
	for _, group := range groups {
		for _, event := range group.Events {
			var contents map[string]interface{}
			line := map[string]interface{}{
				"name":              event.GetName(),
				"timestamp":         event.GetTimestamp(),
				"observedTimestamp": event.GetObservedTimestamp(),
				"tags":              event.GetTags().Iterator(),
			}
			switch e := event.(type) {
			case *models.Metric:
				line["eventType"] = "metric"
				line["metricType"] = models.MetricTypeTexts[e.GetMetricType()]
				if e.GetValue().IsSingleValue() {
					line["value"] = e.GetValue().GetSingleValue()
					break
				}
				values := make(map[string]interface{})
				for key, value := range e.GetValue().GetMultiValues().Iterator() {
					values[key] = value
				}
				for key, value := range e.GetTypedValue().Iterator() {
					values[key] = value.Value
				}
				line["values"] = values
			case *models.Log:
				line["eventType"] = "log"
				line["offset"], line["level"] = e.GetOffset(), e.GetLevel()
				line["traceID"], line["spanID"] = e.GetTraceID(), e.GetSpanID()
				contents = e.GetIndices().Iterator()
			case *models.Span:
				line["eventType"] = "span"
			case models.ByteArray:
				line["eventType"] = "byteArray"
				line["byteArray"] = string(e)
			}
			f.print(line, contents)
		}
	}
	return nil
}

// print writes contents as Go has them, like the host: bytes do not become JSON.
func (f *flusherStdout) print(line, contents map[string]interface{}) {
	if f.OnlyStdout {
		encoded, _ := json.Marshal(line)
		encoded = encoded[:len(encoded)-1]
		for key, value := range contents {
			encoded = append(encoded, fmt.Sprintf(",%q:%#v", key, value)...)
		}
		fmt.Printf("%s %s}\n", time.Now().Format("2006-01-02 15:04:05"), encoded)
	}
}

func init() {
	pipeline.Flushers["flusher_stdout"] = func() pipeline.Flusher { return &flusherStdout{} }
}
