"""Against a real host checkout: what a stand-in cannot prove. Opt in with LOONGCOLLECTOR_HOME=folder."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import QUESTIONS, REAL_HOST, Repository

MODULE = "my-repo.com/my_space/my_plugins"
pytestmark = [
    pytest.mark.go,
    pytest.mark.slow,
    pytest.mark.real_host,
    pytest.mark.skipif(not REAL_HOST, reason="LOONGCOLLECTOR_HOME names no real host checkout"),
]


@pytest.fixture
def real_host(tmp_path: Path) -> Iterator[Path]:
    """A work tree of its own of the real checkout's commit."""
    tree = tmp_path / "loongcollector"
    subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree)], cwd=REAL_HOST, check=True)
    yield tree
    subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=REAL_HOST, check=True)


def test_every_kind_passes_its_own_checks_against_the_real_api(bake, real_host):
    first, *others = QUESTIONS["plugin_kind"]
    repository = bake(plugin_kind=first, plugin_name=f"a_{first}", loongcollector_home=str(real_host))
    repository = Repository(repository.path, dict(os.environ))
    for kind in others:
        repository.make("plugin", f"KIND={kind}", f"NAME=a_{kind}")
    assert repository.run("gofmt", "-l", ".").stdout == ""
    repository.make("vet")
    repository.make("vet", GOOS="windows")
    assert repository.make("test").stdout.count("ok  \t") == len(QUESTIONS["plugin_kind"])
    assert "0 issues" in repository.make("lint").stdout


@pytest.mark.parametrize("source", ["local", "latest", "v1.2.0"])
@pytest.mark.parametrize("import_", QUESTIONS["register_import"])
def test_the_real_builder_reads_the_entry_and_writes_import_require_and_replace(bake, real_host, source, import_):
    """Its `go mod tidy` comes after that, and may fail for modules that are not published: it is not looked at."""
    repository = bake(loongcollector_home=str(real_host), register_import=import_)
    repository.script("register.py", str(real_host), "--source", source)
    environment = dict(os.environ) | {"GOWORK": "off", "GOENV": str(real_host / "go.env")}
    command = ["go", "run", "-mod=mod", "./tools/builder", f"-root-dir={real_host}", "-config=external_plugins.yml"]
    result = subprocess.run(
        [*command, "-modfile=private.go.mod"],
        cwd=real_host,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    wanted = MODULE if import_ == "module" else f"{MODULE}/example_plugin"
    assert f'"{wanted}"' in (real_host / "plugins" / "all" / "all.go").read_text(encoding="utf-8"), result.stdout
    lines = (real_host / "private.go.mod").read_text(encoding="utf-8").splitlines()
    version = "v0.0.0" if source == "local" else source
    assert any(line.strip().removeprefix("require ") == f"{MODULE} {version}" for line in lines)
    replaces = [line for line in lines if line.strip().startswith(f"replace {MODULE} => ")]
    assert len(replaces) == (source == "local")
    if replaces:
        assert (real_host / replaces[0].rpartition(" => ")[2].strip()).resolve() == repository.path.resolve()
    if source != "local":
        asked = json.loads(
            subprocess.run(["go", "env", "-json", "GOPRIVATE"], env=environment, capture_output=True, check=True).stdout
        )
        assert MODULE in asked["GOPRIVATE"].split(",")


def test_the_pinned_version_of_the_tested_release_is_that_commit(real_host):
    """Only where the checkout is one of the supported releases."""
    command = ["git", "log", "-1", "--format=v0.0.0-%cd-%h", "--abbrev=12", "--date=format-local:%Y%m%d%H%M%S"]
    pinned = subprocess.run(
        command, cwd=real_host, env=dict(os.environ) | {"TZ": "UTC"}, capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
    known = {host["pkg"]: host["go"] for host in QUESTIONS["_hosts"].values()}
    if pinned not in known:
        pytest.skip("the checkout is no supported release")
    text = (real_host / "pkg" / "go.mod").read_text(encoding="utf-8")
    assert f"\ngo {known[pinned]}\n" in text
