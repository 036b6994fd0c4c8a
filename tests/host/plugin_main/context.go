package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/alibaba/ilogtail/pkg/config"
	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

// agentContext is what plugins know of their pipeline here.
type agentContext struct {
	helper.LocalContext
	global     config.GlobalConfig
	extensions map[string]pipeline.Extension
}

func newContext(global config.GlobalConfig) *agentContext {
	context := &agentContext{global: global, extensions: make(map[string]pipeline.Extension)}
	context.InitContext("PluginProject_0", "PluginLogstore_0", "1.0#PluginProject_0##Config0")
	return context
}

func (c *agentContext) GetPipelineScopeConfig() *config.GlobalConfig { return &c.global }

// GetExtension finds an extension by its full name; of a bare type it makes a new one on every call.
func (c *agentContext) GetExtension(name string, detail any) (pipeline.Extension, error) {
	if extension, ok := c.extensions[name]; ok {
		return extension, nil
	}
	if strings.Contains(name, "/") {
		return nil, fmt.Errorf("not found extension: %s", name)
	}
	encoded, err := json.Marshal(detail)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%s/%d", name, len(c.extensions)+1)
	if err := c.loadExtension(key, encoded); err != nil {
		return nil, err
	}
	return c.extensions[key], nil
}

func (c *agentContext) loadExtension(name string, detail json.RawMessage) error {
	creator := pipeline.Extensions[strings.Split(name, "/")[0]]
	if creator == nil {
		return fmt.Errorf("can't find plugin %s", name)
	}
	extension := creator()
	if err := decode(detail, extension); err != nil {
		return err
	}
	if err := extension.Init(c); err != nil {
		return err
	}
	if !strings.Contains(name, "/") {
		name = fmt.Sprintf("%s/%d", name, len(c.extensions)+1) // declared without an alias: nobody can ask for it
	}
	c.extensions[name] = extension
	return nil
}

// control runs goroutines that end when it is cancelled.
type control struct {
	cancelled chan struct{}
	running   sync.WaitGroup
}

func newControl() *control { return &control{cancelled: make(chan struct{})} }

func (c *control) run(name string, work func()) {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		defer func() {
			if err := recover(); err != nil {
				logLine("ERR", "AlarmType:PLUGIN_RUNTIME_ALARM\tplugin:%s\tpanicked:%v", name, err)
			}
		}()
		work()
	}()
}

func (c *control) cancel() {
	close(c.cancelled)
	c.running.Wait()
}
