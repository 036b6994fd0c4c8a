// Package mock is a stand-in for the host's metric_mock.
package mock

import (
	"fmt"
	"strconv"
	"time"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

type inputMock struct {
	Tags   map[string]string
	Fields map[string]interface{}
	Index  int64
}

func (*inputMock) Init(pipeline.Context) (int, error) { return 0, nil }
func (*inputMock) Description() string                { return "stand-in" }

func (m *inputMock) Collect(collector pipeline.Collector) error {
	m.Index++
	fields := map[string]string{"Index": strconv.FormatInt(m.Index, 10)}
	for key, value := range m.Fields {
		fields[key] = fmt.Sprint(value)
	}
	collector.AddData(m.Tags, fields)
	return nil
}

func (m *inputMock) Read(context pipeline.PipelineContext) error {
	m.Index++
	values := models.NewMetricMultiValue()
	values.Add("Index", float64(m.Index))
	typed := models.NewMetricTypedValues()
	for key, value := range m.Fields {
		if number, ok := value.(float64); ok {
			values.Add(key, number)
		} else {
			typed.Add(key, &models.TypedValue{Type: models.ValueTypeString, Value: value})
		}
	}
	now := time.Now().UnixNano()
	context.Collector().Collect(models.NewGroup(models.NewMetadata(), models.NewTags()),
		models.NewSingleValueMetric("single_metrics_mock", models.MetricTypeCounter, m.tags(), now, m.Index),
		models.NewMetric("multi_values_metrics_mock", models.MetricTypeUntyped, m.tags(), now, values, typed))
	return nil
}

// tags returns a copy: processors change the tags of an event.
func (m *inputMock) tags() models.Tags {
	tags := models.NewTags()
	tags.AddAll(m.Tags)
	return tags
}

func init() {
	pipeline.MetricInputs["metric_mock"] = func() pipeline.MetricInput { return &inputMock{} }
}
