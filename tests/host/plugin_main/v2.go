package main

import (
	"fmt"
	"time"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

type v2 struct {
	processorTag bool
	inputs       pipeline.PipelineContext
	aggregates   pipeline.PipelineContext
	metrics      []timed[pipeline.MetricInputV2]
	services     []pipeline.ServiceInputV2
	processors   []pipeline.ProcessorV2
	aggregators  []timed[pipeline.AggregatorV2]
	flushers     []pipeline.FlusherV2

	inputting, processing, aggregating, flushing *control
}

func newV2(global config.GlobalConfig) *v2 {
	return &v2{
		processorTag: global.EnableProcessorTag,
		inputs:       helper.NewObservePipelineContext(global.DefaultLogQueueSize),
		aggregates:   helper.NewObservePipelineContext(global.DefaultLogGroupQueueSize),
		inputting:    newControl(),
		processing:   newControl(),
		aggregating:  newControl(),
		flushing:     newControl(),
	}
}

// noQueue is what a V2 aggregator gets: adding to it does nothing.
type noQueue struct{ pipeline.LogGroupQueue }

func (r *v2) queue() pipeline.LogGroupQueue { return noQueue{} }

func (r *v2) add(plugin interface{}, interval time.Duration) error {
	switch p := plugin.(type) {
	case pipeline.MetricInputV2:
		r.metrics = append(r.metrics, timed[pipeline.MetricInputV2]{p, interval})
	case pipeline.ServiceInputV2:
		r.services = append(r.services, p)
	case pipeline.ProcessorV2:
		r.processors = append(r.processors, p)
	case pipeline.AggregatorV2:
		r.aggregators = append(r.aggregators, timed[pipeline.AggregatorV2]{p, interval})
	case pipeline.FlusherV2:
		r.flushers = append(r.flushers, p)
	default:
		return fmt.Errorf("plugin does not implement its V2 interface: %T", plugin)
	}
	return nil
}

func (r *v2) start() {
	r.flushing.run("flusher", r.flush)
	for _, a := range r.aggregators {
		aggregator := a
		// Harmless, but the host logs it for every aggregator of a V2 pipeline.
		logLine("ERR", "AlarmType:METRIC_INPUT_V2_START_FAILURE\ttype assertion:failure")
		r.aggregating.run("aggregator", func() {
			every(aggregator.interval, r.aggregating.cancelled, func() {
				logError("aggregator", aggregator.plugin.GetResult(r.aggregates))
			})
		})
	}
	r.processing.run("processor", r.process)
	for _, m := range r.metrics {
		metric := m
		r.inputting.run("metric", func() {
			every(metric.interval, r.inputting.cancelled, func() { logError("input", metric.plugin.Read(r.inputs)) })
		})
	}
	for _, s := range r.services {
		service := s
		r.inputting.run("service", func() { logError("service", service.StartService(r.inputs)) })
	}
}

func (r *v2) process() {
	context := helper.NewGroupedPipelineContext()
	for {
		select {
		case <-r.processing.cancelled:
			if len(r.inputs.Collector().Observe()) == 0 {
				return
			}
		case group := <-r.inputs.Collector().Observe():
			if r.processorTag {
				group.Group.Tags.Add("__hostname__", "standin") // a group without tags fails here, as in the host
			}
			groups := []*models.PipelineGroupEvents{group}
			for _, processor := range r.processors {
				for _, in := range groups {
					processor.Process(in, context)
				}
				groups = context.Collector().ToArray()
			}
			for _, aggregator := range r.aggregators {
				for _, out := range groups {
					for aggregator.plugin.Record(out, r.aggregates) != nil {
						time.Sleep(10 * time.Millisecond)
					}
				}
			}
		}
	}
}

func (r *v2) flush() {
	context := helper.NewNoopPipelineContext()
	for {
		select {
		case <-r.flushing.cancelled:
			if len(r.aggregates.Collector().Observe()) == 0 {
				return
			}
		case group := <-r.aggregates.Collector().Observe():
			for _, flusher := range r.flushers {
				for !flusher.IsReady("PluginProject_0", "PluginLogstore_0", 123) {
					time.Sleep(10 * time.Millisecond)
				}
				logError("flush data", flusher.Export([]*models.PipelineGroupEvents{group}, context))
			}
		}
	}
}

func (r *v2) stop() {
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
