package models

// MetricType says how to read a metric's value.
type MetricType int

// The types of metrics.
const (
	_ MetricType = iota
	MetricTypeUntyped
	MetricTypeCounter
	MetricTypeGauge
	MetricTypeHistogram
	MetricTypeSummary
	MetricTypeMeter
	MetricTypeRateCounter
)

// MetricTypeTexts are their names.
var MetricTypeTexts = map[MetricType]string{
	MetricTypeUntyped:     "Untyped",
	MetricTypeCounter:     "Counter",
	MetricTypeGauge:       "Gauge",
	MetricTypeHistogram:   "Histogram",
	MetricTypeSummary:     "Summary",
	MetricTypeMeter:       "Meter",
	MetricTypeRateCounter: "RateCounter",
}

// ValueType is the type of a value that is no number.
type ValueType int

// The types of values that are no numbers.
const (
	_ ValueType = iota
	ValueTypeString
	ValueTypeBoolean
	ValueTypeArray
	ValueTypeMap
)

// TypedValue is a value that is no number.
type TypedValue struct {
	Type  ValueType
	Value interface{}
}

// MetricValue is one number or several with names.
type MetricValue interface {
	IsSingleValue() bool
	IsMultiValues() bool
	GetSingleValue() float64
	GetMultiValues() MetricFloatValues
}

// MetricSingleValue is one number.
type MetricSingleValue struct {
	Value float64
}

func (v *MetricSingleValue) IsSingleValue() bool               { return true }
func (v *MetricSingleValue) IsMultiValues() bool               { return false }
func (v *MetricSingleValue) GetSingleValue() float64           { return v.Value }
func (v *MetricSingleValue) GetMultiValues() MetricFloatValues { return NilFloatValues }

// MetricMultiValue is several numbers with names.
type MetricMultiValue struct {
	Values MetricFloatValues
}

// NewMetricMultiValue makes an empty set of numbers.
func NewMetricMultiValue() *MetricMultiValue {
	return NewMetricMultiValueWithMap(make(map[string]float64))
}

// NewMetricMultiValueWithMap makes a set around a map.
func NewMetricMultiValueWithMap(keyValues map[string]float64) *MetricMultiValue {
	return &MetricMultiValue{&keyValuesImpl[float64]{keyValues}}
}

// Add adds a number.
func (v *MetricMultiValue) Add(key string, value float64)     { v.Values.Add(key, value) }
func (v *MetricMultiValue) IsSingleValue() bool               { return false }
func (v *MetricMultiValue) IsMultiValues() bool               { return true }
func (v *MetricMultiValue) GetSingleValue() float64           { return 0 }
func (v *MetricMultiValue) GetMultiValues() MetricFloatValues { return v.Values }

// EmptyMetricValue is no number.
type EmptyMetricValue struct{}

func (v *EmptyMetricValue) IsSingleValue() bool               { return false }
func (v *EmptyMetricValue) IsMultiValues() bool               { return false }
func (v *EmptyMetricValue) GetSingleValue() float64           { return 0 }
func (v *EmptyMetricValue) GetMultiValues() MetricFloatValues { return NilFloatValues }

// NewMetricTypedValues makes an empty set of values that are no numbers.
func NewMetricTypedValues() MetricTypedValues {
	return NewMetricTypedValueWithMap(make(map[string]*TypedValue))
}

// NewMetricTypedValueWithMap makes a set around a map.
func NewMetricTypedValueWithMap(keyValues map[string]*TypedValue) MetricTypedValues {
	return &keyValuesImpl[*TypedValue]{keyValues}
}

// Metric is an event of numbers.
type Metric struct {
	Name              string
	Unit              string
	Description       string
	Timestamp         uint64
	ObservedTimestamp uint64
	Tags              Tags
	MetricType        MetricType
	Value             MetricValue
	TypedValue        MetricTypedValues
}

// NewMetric makes a metric.
func NewMetric(name string, metricType MetricType, tags Tags, timestamp int64, value MetricValue, typedValues MetricTypedValues) *Metric {
	return &Metric{
		Name: name, MetricType: metricType, Tags: tags, Timestamp: uint64(timestamp),
		Value: value, TypedValue: typedValues,
	}
}

// NewSingleValueMetric makes a metric of one number.
func NewSingleValueMetric[T interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}](name string, metricType MetricType, tags Tags, timestamp int64, value T) *Metric {
	return NewMetric(name, metricType, tags, timestamp, &MetricSingleValue{float64(value)}, NilTypedValues)
}

// NewMultiValuesMetric makes a metric of several numbers.
func NewMultiValuesMetric(name string, metricType MetricType, tags Tags, timestamp int64, values MetricFloatValues) *Metric {
	return NewMetric(name, metricType, tags, timestamp, &MetricMultiValue{values}, NilTypedValues)
}

func (m *Metric) GetName() string                  { return m.Name }
func (m *Metric) SetName(name string)              { m.Name = name }
func (m *Metric) GetTags() Tags                    { return m.Tags }
func (m *Metric) GetType() EventType               { return EventTypeMetric }
func (m *Metric) GetTimestamp() uint64             { return m.Timestamp }
func (m *Metric) GetObservedTimestamp() uint64     { return m.ObservedTimestamp }
func (m *Metric) SetObservedTimestamp(nano uint64) { m.ObservedTimestamp = nano }
func (m *Metric) GetUnit() string                  { return m.Unit }
func (m *Metric) GetDescription() string           { return m.Description }
func (m *Metric) GetSize() int64                   { return int64(len(m.Name)) }

// GetMetricType returns the type.
func (m *Metric) GetMetricType() MetricType { return m.MetricType }

// GetValue returns the numbers, never nil.
func (m *Metric) GetValue() MetricValue {
	if m.Value == nil {
		return &EmptyMetricValue{}
	}
	return m.Value
}

// GetTypedValue returns the values that are no numbers, never nil.
func (m *Metric) GetTypedValue() MetricTypedValues {
	if m.TypedValue == nil {
		return NilTypedValues
	}
	return m.TypedValue
}

// Clone copies the metric; tags and values stay shared.
func (m *Metric) Clone() PipelineEvent {
	clone := *m
	clone.Unit = ""
	return &clone
}
