// Package main is a small stand-in for the host's pure-Go agent: it loads one pipeline, runs it until an interrupt,
// and behaves like the host where a user can see it, its silences included.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	_ "github.com/alibaba/ilogtail/plugins/all"
)

const defaultGlobal = `{"InputIntervalMs":5000,"AggregatIntervalMs":30,"FlushIntervalMs":30,"DefaultLogQueueSize":11,"DefaultLogGroupQueueSize":12}`

type plugin struct {
	Type   string
	Detail json.RawMessage
}

type settings struct {
	config.GlobalConfig
	StructureType string
}

type pipelineFile struct {
	Global                                                settings
	Extensions, Inputs, Processors, Aggregators, Flushers []plugin
}

// runner runs the plugins of a pipeline of one version.
type runner interface {
	// add takes an initialised plugin; interval is for metric inputs and aggregators.
	add(plugin interface{}, interval time.Duration) error
	queue() pipeline.LogGroupQueue
	start()
	stop()
}

func main() {
	path := flag.String("plugin", "./plugin.json", "pipeline")
	flusherFile := flag.String("flusher", "./default_flusher.json", "default flusher")
	flag.Parse()
	fmt.Println("global config : ", defaultGlobal)
	content, err := os.ReadFile(*path)
	if err != nil {
		fmt.Println("no pipeline; the host runs a demonstration here")
		return
	}
	fmt.Printf("plugin config :  [%s]\n", content)
	if _, err := os.Stat("data"); err != nil {
		logLine("ERR", "CHECKPOINT_ALARM\tcheckpoint db error:%v", err)
	}
	if _, err := os.Stat(*flusherFile); err != nil && pipeline.Flushers["flusher_sls"] == nil {
		logLine("CRT", "AlarmType:PLUGIN_ALARM\tinit plugin error:can't find plugin flusher_sls")
		return
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	r, extensions, err := load(content)
	if err != nil {
		logLine("CRT", "AlarmType:CONFIG_LOAD_ALARM\tload config error, project:PluginProject_0\terror:%v", err)
		logLine("WRN", "AlarmType:START_PLUGIN_ALARM\tConfig0 start fail, config is %s", content)
		return
	}
	logLine("INF", "Start:start\tconfig:1.0#PluginProject_0##Config0")
	r.start()
	<-signals
	go func() { <-signals; os.Exit(1) }()
	logLine("INF", "Stop all:start")
	r.stop()
	for _, extension := range extensions {
		_ = extension.Stop()
	}
	logLine("INF", "Stop all:success")
}

// load makes the plugins in the host's order, with the host's answer to a type that nobody registered.
func load(content []byte) (runner, map[string]pipeline.Extension, error) {
	var file pipelineFile
	if err := json.Unmarshal([]byte(defaultGlobal), &file.Global); err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, nil, err
	}
	context := newContext(file.Global.GlobalConfig)
	var r runner
	switch version := strings.ToLower(file.Global.StructureType); version {
	case "", "v1":
		r = newV1(file.Global.GlobalConfig)
	case "v2":
		r = newV2(file.Global.GlobalConfig)
	default:
		return nil, nil, fmt.Errorf("undefined config version %s", version)
	}
	for _, p := range file.Extensions {
		if err := context.loadExtension(p.Type, p.Detail); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range file.Inputs {
		name := strings.Split(p.Type, "/")[0]
		if creator := pipeline.MetricInputs[name]; creator != nil {
			input := creator()
			var own struct{ IntervalMs int }
			_ = json.Unmarshal(p.Detail, &own)
			if err := decode(p.Detail, input); err != nil {
				return nil, nil, err
			}
			interval, err := input.Init(context)
			if err == nil {
				err = r.add(input, firstPositive(interval, own.IntervalMs, file.Global.InputIntervalMs))
			}
			if err != nil {
				return nil, nil, err
			}
		} else if creator := pipeline.ServiceInputs[name]; creator != nil {
			input := creator()
			if err := decode(p.Detail, input); err != nil {
				return nil, nil, err
			}
			if _, err := input.Init(context); err != nil {
				return nil, nil, err
			}
			if err := r.add(input, 0); err != nil {
				return nil, nil, err
			}
		} // else: the host says nothing, either
	}
	for _, p := range file.Processors {
		creator := pipeline.Processors[strings.Split(p.Type, "/")[0]]
		if creator == nil {
			logLine("ERR", "AlarmType:INVALID_PROCESSOR_TYPE\tinvalid processor type:%s", p.Type)
			continue
		}
		processor := creator()
		if err := decode(p.Detail, processor); err != nil {
			return nil, nil, err
		}
		if err := processor.Init(context); err != nil {
			return nil, nil, err
		}
		if err := r.add(processor, 0); err != nil {
			return nil, nil, err
		}
	}
	if len(file.Aggregators) == 0 {
		file.Aggregators = []plugin{{Type: "aggregator_default"}}
	}
	for _, p := range file.Aggregators {
		creator := pipeline.Aggregators[strings.Split(p.Type, "/")[0]]
		if creator == nil {
			logLine("ERR", "AlarmType:INVALID_AGGREGATOR_TYPE\tinvalid aggregator type:%s", p.Type)
			continue
		}
		aggregator := creator()
		if err := decode(p.Detail, aggregator); err != nil {
			return nil, nil, err
		}
		interval, err := aggregator.Init(context, r.queue())
		if err == nil {
			err = r.add(aggregator, firstPositive(interval, file.Global.AggregatIntervalMs))
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, p := range file.Flushers {
		creator := pipeline.Flushers[strings.Split(p.Type, "/")[0]]
		if creator == nil {
			return nil, nil, fmt.Errorf("can't find plugin %s", p.Type)
		}
		flusher := creator()
		if err := decode(p.Detail, flusher); err != nil {
			return nil, nil, err
		}
		if err := flusher.Init(context); err != nil {
			return nil, nil, err
		}
		if err := r.add(flusher, 0); err != nil {
			return nil, nil, err
		}
	}
	return r, context.extensions, nil
}

func decode(detail json.RawMessage, plugin interface{}) error {
	if len(detail) == 0 {
		return nil
	}
	return json.Unmarshal(detail, plugin)
}

func firstPositive(milliseconds ...int) time.Duration {
	for _, ms := range milliseconds {
		if ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return time.Second
}

// logLine writes a line as the host's log/go_plugin.LOG has them.
func logLine(level, format string, arguments ...interface{}) {
	_ = os.MkdirAll("log", 0o755)
	file, err := os.OpenFile(filepath.Join("log", "go_plugin.LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	defer file.Close()
	message := fmt.Sprintf(format, arguments...)
	fmt.Fprintf(file, "%s [%s] [main.go:1] [main] %s\n", time.Now().Format("2006-01-02 15:04:05"), level, message)
}
