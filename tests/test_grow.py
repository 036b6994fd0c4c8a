"""A repository after its first day: a second plugin, a plugin that goes, a teammate, publishing."""

import os
import shutil
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from conftest import QUESTIONS, TEMPLATE, Repository, command_line, git

NEW_FILES = {
    "mask/README.md",
    "mask/doc.go",
    "mask/mask.go",
    "mask/mask_test.go",
    "mask/pipeline.yaml",
    "mask/pipeline_v1.json",
    "mask/pipeline_v2.json",
}


def entries(host: Path) -> list[tuple[str, str]]:
    """What a host's external_plugins.yml lists under common: gomod and import."""
    data = yaml.safe_load((host / "external_plugins.yml").read_text(encoding="utf-8"))
    return [(entry["gomod"], entry["import"]) for entry in data["plugins"]["common"]]


def test_a_second_plugin_touches_nothing_but_all_go(bake):
    repository = bake()
    edited = repository.path / "example_plugin" / "example_plugin.go"
    edited.write_text(edited.read_text(encoding="utf-8") + "\n// mine\n", encoding="utf-8")
    (repository.path / "notes.txt").write_text("mine\n", encoding="utf-8")
    for name in ("LICENSE", ".golangci.yml"):
        (repository.path / name).unlink()  # what the author deleted stays deleted
    before = repository.contents()

    repository.make("plugin", "KIND=processor", "NAME=mask")

    after = repository.contents()
    assert set(after) - set(before) == NEW_FILES
    assert {name for name in before if before[name] != after[name]} == {"all.go"}
    assert '_ "my-repo.com/my_space/my_plugins/mask"' in repository.read("all.go")
    assert "processor_mask" in repository.read("mask/mask.go")
    assert '"mask is a processor plugin for LoongCollector."' in repository.read("mask/mask.go")


def test_a_second_plugin_takes_the_repositorys_answers_and_its_own(bake):
    repository = bake(
        license="MIT", copyright_holder='O\'Neil "x" {{ 1 }}', language="zh", plugin_description="The first."
    )
    description = 'It\'s "the" second; $$HOME `id`'  # make wants its own dollar sign twice
    repository.make("plugin", "KIND=flusher", "NAME=sink", "PLATFORM=linux", f"DESCRIPTION={description}")
    source = repository.read("sink/sink.go")
    assert source.startswith('// Copyright O\'Neil "x" {{ 1 }}\n// SPDX-License-Identifier: MIT\n\n//go:build linux\n')
    assert 'return "It\'s \\"the\\" second; $HOME `id`"\n' in source
    assert any("\u4e00" <= letter <= "\u9fff" for letter in repository.read("sink/README.md"))


def test_the_folder_of_the_checkout_may_have_any_name(bake):
    repository = bake()
    renamed = repository.path.with_name("my plugins (copy)")
    repository.path.rename(renamed)
    repository.path = renamed
    repository.make("plugin", "KIND=processor", "NAME=mask")
    assert NEW_FILES < repository.files()
    assert "\npackage my_plugins\n" in repository.read("all.go")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["KIND=processor"], "a plugin needs a KIND and a NAME; right: make plugin KIND=processor NAME=mask"),
        (["NAME=mask"], "a plugin needs a KIND and a NAME; right: make plugin KIND=processor NAME=mask"),
        (["KIND=input", "NAME=mask"], "KIND=input is none of service_input, metric_input, processor"),
        (["KIND=processor", "NAME=mask", "PLATFORM=mac"], "PLATFORM=mac is none of all, linux, windows"),
        (["KIND=processor", "NAME=example_plugin"], "'example_plugin' is taken: the folder exists; take another name"),
        (["KIND=processor", "NAME=func"], "plugin_name 'func': it is a Go keyword or predeclared name; right: my_func"),
        (["KIND=processor", "NAME=../mask"], "plugin_name '../mask': a plugin name is a lower-case letter, then"),
        (["KIND=processor", "NAME=mask", "TEMPLATE=./nowhere"], "the template './nowhere' failed"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_a_plugin_that_cannot_be_added_leaves_the_repository_alone(bake, arguments, says):
    repository = bake()
    before = repository.contents()
    result = repository.make("plugin", *arguments, expect=2)
    assert f"plugin.py: {says}" in result.stderr
    assert "Traceback" not in result.stderr and result.stderr.isascii()
    assert repository.contents() == before


def test_a_type_that_another_folder_registers_is_refused(bake):
    repository = bake(plugin_name="mask", plugin_kind="processor")
    (repository.path / "mask").rename(repository.path / "old")
    repository.make("all")
    before = repository.contents()
    result = repository.make("plugin", "KIND=processor", "NAME=mask", expect=2)
    assert "two packages register the type 'processor_mask'" in result.stderr
    assert repository.contents() == before


def test_a_type_that_the_host_has_is_refused(bake, host):
    repository = bake(loongcollector_home=str(host))
    theirs = host / "plugins" / "processor" / "mask" / "mask.go"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(
        'package mask\n\nimport "github.com/alibaba/ilogtail/pkg/pipeline"\n\n'
        'func init() {\n\tpipeline.Processors["processor_mask"] = nil\n}\n',
        encoding="utf-8",
    )
    before = repository.contents()
    result = repository.make("plugin", "KIND=processor", "NAME=mask", expect=2)
    assert "the host registers the type 'processor_mask' already" in result.stderr
    assert repository.contents() == before


@pytest.fixture
def published(tmp_path) -> Path:
    """The template as a git repository, as others have it."""
    target = tmp_path / "published" / "loong-plugin-template"
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=TEMPLATE,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.splitlines()
    for name in names:
        if (TEMPLATE / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATE / name, target / name)
    git(target, "init", "-q", "-b", "main")
    git(target, "add", "-A")
    git(target, "commit", "-q", "-m", "template")
    return target


@pytest.fixture
def web(published):
    """The template's git repository, and a zip of it, on a web server of this machine; yields its address."""
    git(published, "clone", "-q", "--bare", ".", str(published.parent / "template.git"))
    git(published.parent / "template.git", "update-server-info")
    with zipfile.ZipFile(published.parent / "template.zip", "w") as archive:
        for path in (published, *sorted(published.rglob("*"))):  # the folder first, as the forges have it
            if ".git" not in path.relative_to(published).parts:
                archive.write(path, Path("template-main") / path.relative_to(published))
    handler = partial(QuietHandler, directory=str(published.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.mark.parametrize("form", ["template.git", "template.zip"])
def test_a_template_from_the_web_is_recorded_and_used_again(web, form, tmp_path, go_environment):
    environment = go_environment | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    command_line(f"{web}/{form}", "--no-input", cwd=tmp_path, environment=environment)
    repository = Repository(tmp_path / "my_plugins", environment)
    assert yaml.safe_load(repository.read(".cookiecutter.yaml"))["template"] == f"{web}/{form}"
    assert not (repository.path / ".loong").exists()
    repository.make("plugin", "KIND=processor", "NAME=mask")
    assert NEW_FILES < repository.files()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_template_on_this_machine_is_found_again_but_not_committed(published, web, form, tmp_path, go_environment):
    template = {"folder": "published/loong-plugin-template", "zip": "published/template.zip"}[form]
    command_line(template, "--no-input", cwd=tmp_path)
    repository = Repository(tmp_path / "my_plugins", go_environment)
    assert yaml.safe_load(repository.read(".cookiecutter.yaml"))["template"] == ""
    repository.make("plugin", "KIND=processor", "NAME=mask")
    assert NEW_FILES < repository.files()


def test_without_the_template_a_teammate_is_told_to_name_it(bake):
    repository = bake()
    shutil.rmtree(repository.path / ".loong")
    result = repository.make("plugin", "KIND=processor", "NAME=mask", expect=2)
    assert "say where the template is here: make plugin KIND=processor NAME=mask TEMPLATE=" in result.stderr
    repository.make("plugin", "KIND=processor", "NAME=mask", f"TEMPLATE={TEMPLATE}")
    assert NEW_FILES < repository.files()


def test_a_second_plugin_by_hand_with_the_recorded_answers(bake):
    repository = bake()
    before = repository.contents()
    command_line(
        str(TEMPLATE), "--no-input", "-f", "-s", "--config-file", ".cookiecutter.yaml", "-o", "..",
        "plugin_kind=processor", "plugin_name=mask", cwd=repository.path,
    )  # fmt: skip
    after = repository.contents()
    assert set(after) - set(before) == NEW_FILES
    assert {name for name in before if before[name] != after[name]} == {"all.go"}


@pytest.mark.go
def test_six_plugins_of_six_kinds_live_together(bake):
    first, *others = QUESTIONS["plugin_kind"]
    repository = bake(plugin_kind=first, plugin_name=f"a_{first}")
    for kind in others:
        repository.make("plugin", f"KIND={kind}", f"NAME=a_{kind}")
    assert repository.read("all.go").count("_ ") == len(QUESTIONS["plugin_kind"])
    repository.make("check")
    output = repository.make("test").stdout
    assert output.count("\nok ") + output.startswith("ok ") == len(QUESTIONS["plugin_kind"])
    repository.make("vet")
    repository.make("lint")
    assert repository.run("gofmt", "-l", ".").stdout == ""


def test_a_plugin_is_removed_by_deleting_its_folder(bake, host):
    repository = bake(loongcollector_home=str(host), register_import="plugin")
    repository.make("plugin", "KIND=processor", "NAME=mask")
    module = "my-repo.com/my_space/my_plugins"
    assert entries(host) == [(f"{module} v0.0.0", f"{module}/example_plugin"), (f"{module} v0.0.0", f"{module}/mask")]

    shutil.rmtree(repository.path / "mask")
    repository.make("all")
    assert "mask" not in repository.read("all.go")
    result = repository.make("register", f"LOONGCOLLECTOR_HOME={host}")
    assert "--remove --plugin mask" in result.stdout + result.stderr
    repository.script("register.py", str(host), "--remove", "--plugin", "mask")
    assert entries(host) == [(f"{module} v0.0.0", f"{module}/example_plugin")]


def test_adding_a_plugin_registers_no_scratch_folder(bake, host):
    repository = bake()
    repository.make("plugin", "KIND=processor", "NAME=mask", LOONGCOLLECTOR_HOME=str(host))
    assert not (host / "external_plugins.yml").exists()


def test_a_second_plugin_needs_no_entry_where_the_host_imports_the_module(bake, host):
    repository = bake(loongcollector_home=str(host))
    before = (host / "external_plugins.yml").read_bytes()
    repository.make("plugin", "KIND=processor", "NAME=mask")
    assert (host / "external_plugins.yml").read_bytes() == before


@pytest.mark.go
def test_a_teammates_clone_works_on_another_machine(bake, host, tmp_path, go_environment):
    first = bake(loongcollector_home=str(host))
    git(first.path, "init", "-q")
    git(first.path, "add", "-A")
    git(first.path, "commit", "-q", "-m", "first")
    clone = tmp_path / "elsewhere" / "clone"
    git(first.path, "clone", "-q", ".", str(clone))
    shutil.copytree(host, tmp_path / "elsewhere" / "loongcollector")
    (tmp_path / "elsewhere" / "loongcollector" / "external_plugins.yml").unlink()
    second = Repository(clone, go_environment | {"GOPROXY": "off"})
    assert "go.work" not in second.files() and ".loong/template" not in second.files()
    for name in second.files():
        assert str(tmp_path) not in second.read(name) and str(first.path) not in second.read(name), name

    second.make("register", f"LOONGCOLLECTOR_HOME={tmp_path / 'elsewhere' / 'loongcollector'}")
    second.make("test")
    assert git(clone, "status", "--porcelain") == ""


def test_publishing_and_back(bake, host):
    repository = bake(loongcollector_home=str(host))
    module = "my-repo.com/my_space/my_plugins"
    file = host / "external_plugins.yml"
    local = file.read_bytes()
    for source, version in (("latest", "latest"), ("v1.2.0", "v1.2.0"), ("local", "v0.0.0")):
        repository.make("register", f"SOURCE={source}", f"LOONGCOLLECTOR_HOME={host}")
        assert entries(host) == [(f"{module} {version}", module)]
        project = yaml.safe_load(file.read_text(encoding="utf-8")).get("project") or {}
        replaces = project.get("replaces") or []
        relative = Path(os.path.relpath(repository.path, host)).as_posix()
        assert replaces == ([f"{module} => {relative}"] if source == "local" else [])
        if source != "local":
            assert module in project["go_envs"]["GOPRIVATE"].split(",")
    assert yaml.safe_load(local)["plugins"] == yaml.safe_load(file.read_text(encoding="utf-8"))["plugins"]


def test_the_version_of_the_template_is_recorded(bake):
    recorded = yaml.safe_load(bake().read(".cookiecutter.yaml"))
    assert recorded["version"] == QUESTIONS["_version"]


@pytest.mark.slow
def test_a_newer_template_comes_in_without_losing_an_edit(published, host, tmp_path):
    readme = published / "templates" / "readme" / "en.md"
    newest = readme.read_text(encoding="utf-8")
    readme.write_text(newest.replace("## Daily commands", "## Commands of the day"), encoding="utf-8")
    room = published / "templates" / "service_input" / "plugin.go"
    newest_room = room.read_text(encoding="utf-8")
    room.write_text(newest_room.replace("// Stop ends", "// Stop stops"), encoding="utf-8")
    git(published, "commit", "-q", "-a", "-m", "older")
    environment = dict(os.environ) | {"LOONGCOLLECTOR_HOME": str(host)}

    def cruft(*arguments: str, cwd: Path) -> str:
        command = [sys.executable, "-m", "cruft", *arguments]
        result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    cruft("create", str(published), "--no-input", "--extra-context", '{"plugin_name": "mask"}', cwd=tmp_path)
    repository = Repository(tmp_path / "my_plugins", environment)
    assert "## Commands of the day" in repository.read("README.md")
    assert not (host / "external_plugins.yml").exists()
    source = repository.path / "mask" / "mask.go"
    source.write_text(source.read_text(encoding="utf-8") + "\n// mine\n", encoding="utf-8")
    own = repository.path / "README.md"
    own.write_text(own.read_text(encoding="utf-8") + "\nOur own words.\n", encoding="utf-8")
    (repository.path / "notes.txt").write_text("mine\n", encoding="utf-8")
    repository.make("plugin", "KIND=processor", "NAME=other")
    git(repository.path, "init", "-q", "-b", "main")
    git(repository.path, "add", "-A")
    git(repository.path, "commit", "-q", "-m", "ours")

    readme.write_text(newest, encoding="utf-8")
    room.write_text(newest_room, encoding="utf-8")
    git(published, "commit", "-q", "-a", "-m", "newer")
    cruft("update", "--skip-apply-ask", cwd=repository.path)

    text = repository.read("README.md")
    assert "## Daily commands" in text and "## Commands of the day" not in text and "Our own words." in text
    text = repository.read("mask/mask.go")
    assert "// Stop ends" in text and text.endswith("\n// mine\n")
    assert repository.read("notes.txt") == "mine\n"
    assert '/other"' in repository.read("all.go") and "other/other.go" in repository.files()
    assert not [name for name in repository.files() if name.endswith(".rej")]
    assert not (host / "external_plugins.yml").exists()
    repository.make("check")
    cruft("check", cwd=repository.path)
