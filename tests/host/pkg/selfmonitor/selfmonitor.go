// Package selfmonitor holds what pipeline.Context needs of the agent's own metrics.
package selfmonitor

// LabelPair is a label of a metric.
type LabelPair struct {
	Key   string
	Value string
}

// MetricsRecord is a set of metrics with the same labels.
type MetricsRecord struct {
	Labels []LabelPair
}
