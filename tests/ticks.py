"""A small plugin repository of one plugin whose faults can be switched on, written by hand."""

import json
import shutil
from pathlib import Path

from conftest import TEMPLATE, Repository

PLUGIN = """\
// Package tick is a plugin whose faults can be switched on.
package tick

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

type tick struct {
	Text  string
	Fault string
	stop  chan struct{}
}

func (t *tick) Init(pipeline.Context) (int, error) {
	if t.Fault == "init" {
		return 0, errors.New("Fault must not be init")
	}
	return 0, nil
}

func (*tick) Description() string { return "tick" }

func (t *tick) Stop() error {
	if t.Fault == "stop" {
		select {}
	}
	close(t.stop)
	return nil
}

func (t *tick) loop(emit func(count string)) error {
	for count := 1; ; count++ {
		switch t.Fault {
		case "silent":
			<-t.stop
			return nil
		case "exit":
			fmt.Fprintln(os.Stderr, "good bye")
			os.Exit(3)
		}
		emit(fmt.Sprint(count))
		select {
		case <-t.stop:
			return nil
		case <-time.After(50 * time.Millisecond):
		}
		if t.Fault == "start" {
			return errors.New("the ticks ran out")
		}
	}
}

func (t *tick) Start(c pipeline.Collector) error {
	return t.loop(func(count string) {
		c.AddData(nil, map[string]string{"text": t.Text, "count": count, "pid": fmt.Sprint(os.Getpid())})
	})
}

func (t *tick) StartService(c pipeline.PipelineContext) error {
	return t.loop(func(count string) {
		log := models.NewSimpleLog(nil, models.NewTagsWithKeyValues("count", count), 1)
		log.GetIndices().Add("content", t.Text) // flusher_stdout prints bytes as Go source
		c.Collector().Collect(models.NewGroup(models.NewMetadata(), models.NewTags()), log)
	})
}

func init() {
	pipeline.AddServiceCreator("service_tick", func() pipeline.ServiceInput {
		return &tick{Text: "tick", stop: make(chan struct{})}
	})
}
"""
README = """\
# service_tick

```json output=v1
{"text":"tick","count":"1","__time__":"<seconds>"}
{"text":"tick","count":"3"}
```

```json output=v2
{"eventType":"log","tags":{"count":"2"},"content":"tick"}
```
"""
MODULE = "my-repo.com/my_space/ticks"
GO_MOD = """\
module {module}

go 1.19

require github.com/alibaba/ilogtail/pkg v0.0.0-20250528065956-74ed5e41e70c
"""


def set_pipeline(repository: Repository, version: str, plugin: str = "tick", type_: str = "", **detail: str) -> None:
    """Write a sample pipeline of a plugin: a service input and flusher_stdout."""
    pipeline = {
        "global": {"AggregatIntervalMs": 50, "EnableProcessorTag": True},
        "inputs": [{"type": type_ or f"service_{plugin}", "detail": detail}],
        "flushers": [{"type": "flusher_stdout", "detail": {"OnlyStdout": True}}],
    }
    if version == "v2":
        pipeline["global"]["StructureType"] = "V2"
    (repository.path / plugin / f"pipeline_{version}.json").write_text(json.dumps(pipeline), encoding="utf-8")


def add_plugin(repository: Repository, name: str = "tick") -> None:
    """Add a plugin that ticks, with its samples, and bring all.go up to date."""
    folder = repository.path / name
    folder.mkdir()
    (folder / f"{name}.go").write_text(PLUGIN.replace("tick", name), encoding="utf-8")
    (folder / "README.md").write_text(README.replace("tick", name), encoding="utf-8")
    for version in ("v1", "v2"):
        set_pipeline(repository, version, name)
    repository.script("all.py")


def make_repository(folder: Path, environment: dict[str, str], module: str = MODULE) -> Repository:
    """A repository with the plugin service_tick; run.py finds the host by LOONGCOLLECTOR_HOME."""
    folder.mkdir(parents=True)
    for name in ("all.py", "checkout.py", "register.py", "run.py"):
        shutil.copy(TEMPLATE / "{{cookiecutter.repo_name}}" / name, folder)
    (folder / "go.mod").write_text(GO_MOD.format(module=module), encoding="utf-8")
    repository = Repository(folder, environment)
    add_plugin(repository)
    return repository
