// Package pipeline holds the interfaces between the agent and its plugins.
package pipeline

import (
	"context"
	"time"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/protocol"
	"github.com/alibaba/ilogtail/pkg/selfmonitor"
)

// Context is what a plugin knows of its pipeline.
type Context interface {
	InitContext(project, logstore, configName string)
	GetConfigName() string
	GetProject() string
	GetLogstore() string
	GetRuntimeContext() context.Context
	GetPipelineScopeConfig() *config.GlobalConfig
	GetExtension(name string, cfg any) (Extension, error)
	SaveCheckPoint(key string, value []byte) error
	GetCheckPoint(key string) (value []byte, exist bool)
	SaveCheckPointObject(key string, obj interface{}) error
	GetCheckPointObject(key string, obj interface{}) (exist bool)
	RegisterMetricRecord(labels []selfmonitor.LabelPair) *selfmonitor.MetricsRecord
	GetMetricRecord() *selfmonitor.MetricsRecord
	ExportMetricRecords() []map[string]string
	RegisterLogstoreConfigMetricRecord(labels []selfmonitor.LabelPair) *selfmonitor.MetricsRecord
	GetLogstoreConfigMetricRecord() *selfmonitor.MetricsRecord
}

// Collector takes the events of a V1 input.
type Collector interface {
	AddData(tags map[string]string, fields map[string]string, t ...time.Time)
	AddDataArray(tags map[string]string, columns []string, values []string, t ...time.Time)
	AddRawLog(log *protocol.Log)
	AddDataWithContext(tags map[string]string, fields map[string]string, ctx map[string]interface{}, t ...time.Time)
	AddDataArrayWithContext(tags map[string]string, columns []string, values []string, ctx map[string]interface{}, t ...time.Time)
	AddRawLogWithContext(log *protocol.Log, ctx map[string]interface{})
}

// PipelineContext leads a V2 plugin to the next stage.
type PipelineContext interface { //nolint:revive // the host's name
	Collector() PipelineCollector
}

// PipelineCollector takes the events of a V2 plugin.
type PipelineCollector interface { //nolint:revive // the host's name
	Collect(groupInfo *models.GroupInfo, eventList ...models.PipelineEvent)
	CollectList(groupEventsList ...*models.PipelineGroupEvents)
	ToArray() []*models.PipelineGroupEvents
	Observe() chan *models.PipelineGroupEvents
	Close()
}

// LogGroupQueue is where a V1 aggregator may hand groups to before it is asked for them. It returns an error when
// the queue is full.
type LogGroupQueue interface {
	Add(loggroup *protocol.LogGroup) error
	AddWithWait(loggroup *protocol.LogGroup, duration time.Duration) error
}

// MetricInput is called at an interval.
type MetricInput interface {
	Init(Context) (int, error)
	Description() string
}

// MetricInputV1 is a metric input of V1 pipelines.
type MetricInputV1 interface {
	MetricInput
	Collect(Collector) error
}

// MetricInputV2 is a metric input of V2 pipelines.
type MetricInputV2 interface {
	MetricInput
	Read(PipelineContext) error
}

// ServiceInput runs its own loop.
type ServiceInput interface {
	Init(Context) (int, error)
	Description() string
	Stop() error
}

// ServiceInputV1 is a service input of V1 pipelines.
type ServiceInputV1 interface {
	ServiceInput
	Start(Collector) error
}

// ServiceInputV2 is a service input of V2 pipelines.
type ServiceInputV2 interface {
	ServiceInput
	StartService(PipelineContext) error
}

// Processor changes events on their way.
type Processor interface {
	Init(pipelineContext Context) error
	Description() string
}

// ProcessorV1 is a processor of V1 pipelines.
type ProcessorV1 interface {
	Processor
	ProcessLogs(logArray []*protocol.Log) []*protocol.Log
}

// ProcessorV2 is a processor of V2 pipelines.
type ProcessorV2 interface {
	Processor
	Process(in *models.PipelineGroupEvents, context PipelineContext)
}

// Aggregator gathers events into groups.
type Aggregator interface {
	Init(Context, LogGroupQueue) (int, error)
	Description() string
	Reset()
}

// AggregatorV1 is an aggregator of V1 pipelines.
type AggregatorV1 interface {
	Aggregator
	Add(log *protocol.Log, ctx map[string]interface{}) error
	Flush() []*protocol.LogGroup
}

// AggregatorV2 is an aggregator of V2 pipelines.
type AggregatorV2 interface {
	Aggregator
	Record(*models.PipelineGroupEvents, PipelineContext) error
	GetResult(PipelineContext) error
}

// Flusher sends groups to their destination.
type Flusher interface {
	Init(Context) error
	Description() string
	IsReady(projectName string, logstoreName string, logstoreKey int64) bool
	SetUrgent(flag bool)
	Stop() error
}

// FlusherV1 is a flusher of V1 pipelines.
type FlusherV1 interface {
	Flusher
	Flush(projectName string, logstoreName string, configName string, logGroupList []*protocol.LogGroup) error
}

// FlusherV2 is a flusher of V2 pipelines.
type FlusherV2 interface {
	Flusher
	Export([]*models.PipelineGroupEvents, PipelineContext) error
}

// Extension is a service that other plugins use.
type Extension interface {
	Description() string
	Init(Context) error
	Stop() error
}
