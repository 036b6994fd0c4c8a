"""Every plugin kind, on every platform, for every release: what is generated passes its own checks as generated."""

import json
import shutil
from collections.abc import Callable

import pytest
import yaml
from conftest import QUESTIONS, Repository

KINDS = QUESTIONS["plugin_kind"]
SECTIONS = {
    "service_input": "inputs",
    "metric_input": "inputs",
    "processor": "processors",
    "aggregator": "aggregators",
    "flusher": "flushers",
    "extension": "extensions",
}


@pytest.fixture
def bake_all(bake: Callable[..., Repository]) -> Callable[..., Repository]:
    """One repository with a plugin of every kind; {} in an answer stands for the kind."""

    def generate(plugin_name: str = "my_{}", **answers: str) -> Repository:
        whole, *others = (bake(plugin_kind=kind, plugin_name=plugin_name.format(kind), **answers) for kind in KINDS)
        for kind, other in zip(KINDS[1:], others, strict=True):
            name = plugin_name.format(kind)
            shutil.move(other.path / name, whole.path / name)
        whole.script("all.py")
        return whole

    return generate


def check(repository: Repository) -> None:
    """Format, vet for both systems, test with the race detector, and lint."""
    assert repository.run("gofmt", "-l", ".").stdout == ""
    tested = repository.make("test").stdout
    repository.make("vet")
    repository.make("vet", GOOS="windows")
    linted = repository.make("lint").stdout
    assert "0 issues" in linted
    assert tested.count("/my_") + tested.count("/a") >= len(KINDS), tested


@pytest.mark.go
@pytest.mark.slow
@pytest.mark.parametrize("platform", QUESTIONS["plugin_platform"])
@pytest.mark.parametrize("version", QUESTIONS["loongcollector_version"])
def test_every_kind_passes_its_own_checks(bake_all, version, platform):
    check(bake_all(loongcollector_version=version, plugin_platform=platform))


@pytest.mark.go
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("a{}", {"repo_name": "x"}),
        ("a{}" + "x" * 40, {"module_path": "my-repo.com/a/b/v2"}),
        ("a1__{}___9_", {"repo_name": "My-private.Plugins-2"}),
        ("a{}", {"module_path": "my-repo.com/" + "-".join(["long"] * 20), "copyright_holder": '李雷 "O\'Neil"'}),
    ],
    ids=["short", "long", "underscores", "module"],
)
def test_legal_names_of_any_shape_give_clean_code(bake_all, name, answers):
    check(bake_all(plugin_name=name, license="MIT", **answers))


@pytest.mark.go
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["x", "x" * 60])
def test_the_shortest_and_a_very_long_name(bake, kind, name):
    repository = bake(plugin_kind=kind, plugin_name=name)
    assert repository.run("gofmt", "-l", ".").stdout == ""
    repository.make("vet")
    repository.make("test")


@pytest.mark.go
@pytest.mark.slow
def test_benchmarks_report_what_the_host_asks_of_processors(bake_all):
    output = bake_all().make("bench", "BENCHTIME=1x").stdout
    assert output.count("logs/s") >= 2, output  # V1 and V2
    assert output.count("allocs/op") >= len(KINDS), output


@pytest.mark.parametrize("kind", KINDS)
def test_the_samples_of_the_full_agent_and_of_the_pure_go_agent_agree(bake, kind):
    repository = bake(plugin_kind=kind)
    type_ = f"{QUESTIONS['_kinds'][kind]['prefix']}example_plugin"
    full = yaml.safe_load(repository.read("example_plugin/pipeline.yaml"))
    versions = {name: json.loads(repository.read(f"example_plugin/pipeline_{name}.json")) for name in ("v1", "v2")}

    assert versions["v1"].get("global", {}).get("StructureType", "v1") == "v1"
    assert versions["v2"]["global"]["StructureType"] == "v2"
    assert full["inputs"] and full["flushers"], "the full agent refuses a pipeline without either"
    assert len(full.get("aggregators", [])) <= 1, "the full agent takes one aggregator"
    section = SECTIONS[kind]
    (ours,) = [item for item in full[section] if item["Type"].partition("/")[0] == type_]
    for sample in versions.values():
        (item,) = [item for item in sample[section] if item["type"].partition("/")[0] == type_]
        assert ours == {"Type": item["type"], **item.get("detail", {})}
        assert {flusher["type"] for flusher in sample["flushers"]} == {flusher["Type"] for flusher in full["flushers"]}
