// Package config holds the settings of a pipeline.
package config

// GlobalConfig is the section "global" of a pipeline file.
type GlobalConfig struct {
	InputMaxFirstCollectDelayMs int
	InputIntervalMs             int
	AggregatIntervalMs          int
	FlushIntervalMs             int
	DefaultLogQueueSize         int
	DefaultLogGroupQueueSize    int
	EnableTimestampNanosecond   bool
	UsingOldContentTag          bool
	EnableProcessorTag          bool
}
