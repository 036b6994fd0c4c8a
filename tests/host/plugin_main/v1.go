package main

import (
	"fmt"
	"time"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

// timed is a plugin that is called at an interval.
type timed[T any] struct {
	plugin   T
	interval time.Duration
}

type v1 struct {
	logs        chan *protocol.Log
	groups      groupQueue
	metrics     []timed[pipeline.MetricInputV1]
	services    []pipeline.ServiceInputV1
	processors  []pipeline.ProcessorV1
	aggregators []timed[pipeline.AggregatorV1]
	flushers    []pipeline.FlusherV1

	inputting, processing, aggregating, flushing *control
}

func newV1(global config.GlobalConfig) *v1 {
	return &v1{
		logs:        make(chan *protocol.Log, global.DefaultLogQueueSize),
		groups:      make(groupQueue, global.DefaultLogGroupQueueSize),
		inputting:   newControl(),
		processing:  newControl(),
		aggregating: newControl(),
		flushing:    newControl(),
	}
}

func (r *v1) queue() pipeline.LogGroupQueue { return r.groups }

func (r *v1) add(plugin interface{}, interval time.Duration) error {
	switch p := plugin.(type) {
	case pipeline.MetricInputV1:
		r.metrics = append(r.metrics, timed[pipeline.MetricInputV1]{p, interval})
	case pipeline.ServiceInputV1:
		r.services = append(r.services, p)
	case pipeline.ProcessorV1:
		r.processors = append(r.processors, p)
	case pipeline.AggregatorV1:
		r.aggregators = append(r.aggregators, timed[pipeline.AggregatorV1]{p, interval})
	case pipeline.FlusherV1:
		r.flushers = append(r.flushers, p)
	default:
		return fmt.Errorf("plugin does not implement its V1 interface: %T", plugin)
	}
	return nil
}

func (r *v1) start() {
	r.flushing.run("flusher", r.flush)
	for _, a := range r.aggregators {
		aggregator := a
		r.aggregating.run("aggregator", func() {
			every(aggregator.interval, r.aggregating.cancelled, func() {
				for _, group := range aggregator.plugin.Flush() {
					r.groups <- group
				}
			})
		})
	}
	r.processing.run("processor", r.process)
	for _, m := range r.metrics {
		metric := m
		r.inputting.run("metric", func() {
			every(metric.interval, r.inputting.cancelled, func() { logError("input", metric.plugin.Collect(collector{r})) })
		})
	}
	for _, s := range r.services {
		service := s
		go func() { logError("service", service.Start(collector{r})) }() // the host does not wait for it, either
	}
}

// every calls work at once, at every interval, and once more at the end, as the host's timers do.
func every(interval time.Duration, cancelled chan struct{}, work func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		work()
		select {
		case <-cancelled:
			work()
			return
		case <-ticker.C:
		}
	}
}

func logError(what string, err error) {
	if err != nil {
		logLine("ERR", "AlarmType:PLUGIN_ALARM\t%s error:%v", what, err)
	}
}

func (r *v1) process() {
	for {
		select {
		case <-r.processing.cancelled:
			if len(r.logs) == 0 {
				return
			}
		case log := <-r.logs:
			logs := []*protocol.Log{log}
			for _, processor := range r.processors {
				logs = processor.ProcessLogs(logs)
			}
			for _, log := range logs {
				for _, aggregator := range r.aggregators {
					for aggregator.plugin.Add(log, nil) != nil {
						time.Sleep(10 * time.Millisecond)
					}
				}
			}
		}
	}
}

func (r *v1) flush() {
	for {
		select {
		case <-r.flushing.cancelled:
			if len(r.groups) == 0 {
				return
			}
		case group := <-r.groups:
			for _, flusher := range r.flushers {
				for !flusher.IsReady("PluginProject_0", "PluginLogstore_0", 123) {
					time.Sleep(10 * time.Millisecond)
				}
				logError("flush data", flusher.Flush("PluginProject_0", "PluginLogstore_0", "Config0", []*protocol.LogGroup{group}))
			}
		}
	}
}

func (r *v1) stop() {
	for _, flusher := range r.flushers {
		flusher.SetUrgent(true)
	}
	for _, service := range r.services {
		_ = service.Stop()
	}
	r.inputting.cancel()
	r.processing.cancel()
	r.aggregating.cancel()
	r.flushing.cancel()
	for _, flusher := range r.flushers {
		_ = flusher.Stop()
	}
}

type groupQueue chan *protocol.LogGroup

func (q groupQueue) Add(group *protocol.LogGroup) error { return q.AddWithWait(group, 0) }

func (q groupQueue) AddWithWait(group *protocol.LogGroup, wait time.Duration) error {
	select {
	case q <- group:
		return nil
	case <-time.After(wait):
		return fmt.Errorf("loggroup queue is full")
	}
}

// collector hands what inputs make to the processors.
type collector struct {
	runner *v1
}

func (c collector) AddData(tags, fields map[string]string, t ...time.Time) {
	c.AddDataWithContext(tags, fields, nil, t...)
}

func (c collector) AddDataArray(tags map[string]string, columns, values []string, t ...time.Time) {
	c.AddDataArrayWithContext(tags, columns, values, nil, t...)
}

func (c collector) AddRawLog(log *protocol.Log) { c.AddRawLogWithContext(log, nil) }

func (c collector) AddDataWithContext(tags, fields map[string]string, _ map[string]interface{}, t ...time.Time) {
	var local helper.LocalCollector
	local.AddData(tags, fields, t...)
	c.AddRawLog(local.Logs[0])
}

func (c collector) AddDataArrayWithContext(tags map[string]string, columns, values []string, _ map[string]interface{}, t ...time.Time) {
	var local helper.LocalCollector
	local.AddDataArray(tags, columns, values, t...)
	c.AddRawLog(local.Logs[0])
}

func (c collector) AddRawLogWithContext(log *protocol.Log, _ map[string]interface{}) {
	if len(log.Contents) != 0 { // the host drops empty logs
		c.runner.logs <- log
	}
}
