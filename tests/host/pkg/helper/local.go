// Package helper holds what plugins and their tests use to make events and contexts.
package helper

import (
	"context"
	"encoding/json"
	"time"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
	"github.com/alibaba/ilogtail/pkg/selfmonitor"
)

// LocalContext is a context for tests; checkpoints stay in memory.
type LocalContext struct {
	MetricsRecords []*selfmonitor.MetricsRecord
	AllCheckPoint  map[string][]byte

	project, logstore, configName string
	logstoreConfig                *selfmonitor.MetricsRecord
}

// InitContext must be called first.
func (p *LocalContext) InitContext(project, logstore, configName string) {
	p.project, p.logstore, p.configName = project, logstore, configName
	p.AllCheckPoint = make(map[string][]byte)
}

func (p *LocalContext) GetConfigName() string              { return p.configName }
func (p *LocalContext) GetProject() string                 { return p.project }
func (p *LocalContext) GetLogstore() string                { return p.logstore }
func (p *LocalContext) GetRuntimeContext() context.Context { return context.Background() }

// GetPipelineScopeConfig returns an empty section.
func (p *LocalContext) GetPipelineScopeConfig() *config.GlobalConfig { return &config.GlobalConfig{} }

// GetExtension returns nothing and no error.
func (p *LocalContext) GetExtension(string, any) (pipeline.Extension, error) { return nil, nil }

// SaveCheckPoint saves bytes.
func (p *LocalContext) SaveCheckPoint(key string, value []byte) error {
	p.AllCheckPoint[key] = value
	return nil
}

// GetCheckPoint returns saved bytes.
func (p *LocalContext) GetCheckPoint(key string) (value []byte, exist bool) {
	value, exist = p.AllCheckPoint[key]
	return value, exist
}

// SaveCheckPointObject saves an object as JSON.
func (p *LocalContext) SaveCheckPointObject(key string, obj interface{}) error {
	value, err := json.Marshal(obj)
	if err != nil {
		return err
	}
	return p.SaveCheckPoint(key, value)
}

// GetCheckPointObject reads a saved object.
func (p *LocalContext) GetCheckPointObject(key string, obj interface{}) (exist bool) {
	value, exist := p.GetCheckPoint(key)
	return exist && json.Unmarshal(value, obj) == nil
}

// RegisterMetricRecord makes a record.
func (p *LocalContext) RegisterMetricRecord(labels []selfmonitor.LabelPair) *selfmonitor.MetricsRecord {
	record := &selfmonitor.MetricsRecord{Labels: labels}
	p.MetricsRecords = append(p.MetricsRecords, record)
	return record
}

// GetMetricRecord returns the last record made.
func (p *LocalContext) GetMetricRecord() *selfmonitor.MetricsRecord {
	if len(p.MetricsRecords) == 0 {
		return p.RegisterMetricRecord(nil)
	}
	return p.MetricsRecords[len(p.MetricsRecords)-1]
}

// ExportMetricRecords returns nothing here.
func (p *LocalContext) ExportMetricRecords() []map[string]string { return nil }

// RegisterLogstoreConfigMetricRecord makes the record of the pipeline.
func (p *LocalContext) RegisterLogstoreConfigMetricRecord(labels []selfmonitor.LabelPair) *selfmonitor.MetricsRecord {
	p.logstoreConfig = &selfmonitor.MetricsRecord{Labels: labels}
	return p.logstoreConfig
}

// GetLogstoreConfigMetricRecord returns the record of the pipeline.
func (p *LocalContext) GetLogstoreConfigMetricRecord() *selfmonitor.MetricsRecord {
	return p.logstoreConfig
}

// LocalCollector is a V1 collector for tests; it is not safe for concurrent use.
type LocalCollector struct {
	Logs []*protocol.Log
}

func (p *LocalCollector) AddData(tags map[string]string, fields map[string]string, t ...time.Time) {
	p.AddDataWithContext(tags, fields, nil, t...)
}

func (p *LocalCollector) AddDataArray(tags map[string]string, columns []string, values []string, t ...time.Time) {
	p.AddDataArrayWithContext(tags, columns, values, nil, t...)
}

func (p *LocalCollector) AddRawLog(log *protocol.Log) { p.AddRawLogWithContext(log, nil) }

// AddDataWithContext makes a log of tags and fields, with nanoseconds if a time is given.
func (p *LocalCollector) AddDataWithContext(tags map[string]string, fields map[string]string, _ map[string]interface{}, t ...time.Time) {
	log, _ := CreateLog(first(t), len(t) != 0, nil, tags, fields)
	p.Logs = append(p.Logs, log)
}

// AddDataArrayWithContext makes a log of tags and columns, with nanoseconds if a time is given.
func (p *LocalCollector) AddDataArrayWithContext(tags map[string]string, columns []string, values []string, _ map[string]interface{}, t ...time.Time) {
	log, _ := CreateLogByArray(first(t), len(t) != 0, nil, tags, columns, values)
	p.Logs = append(p.Logs, log)
}

func (p *LocalCollector) AddRawLogWithContext(log *protocol.Log, _ map[string]interface{}) {
	p.Logs = append(p.Logs, log)
}

func first(t []time.Time) time.Time {
	if len(t) == 0 {
		return time.Now()
	}
	return t[0]
}
