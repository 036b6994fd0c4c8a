"""What all tests share: generated repositories, the stand-in host, and a Go environment without the network.

The Go modules come from a file GOPROXY that holds the stand-in of the host's pkg module at every pinned version, and
from a module cache of its own, so that nobody's real cache ever sees a stand-in.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_cookies.plugin import Cookies

sys.dont_write_bytecode = True  # byte code beside the generated scripts would become part of the template

TEMPLATE = Path(__file__).resolve().parents[1]
STANDIN = TEMPLATE / "tests" / "host"
QUESTIONS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
REAL_HOST = os.environ.get("LOONGCOLLECTOR_HOME", "")  # for the tests marked real_host
PKG = "github.com/alibaba/ilogtail/pkg"


@dataclass
class Repository:
    """A generated repository, and the commands its users type in it."""

    path: Path
    environment: dict[str, str]

    def run(self, *command: str, expect: int | None = 0, **variables: str) -> subprocess.CompletedProcess:
        """Run a command in the repository; expect is its exit code, None for any."""
        result = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment | variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        output = f"$ {' '.join(command)}\n{result.stdout}{result.stderr}"
        assert expect is None or result.returncode == expect, f"exit code {result.returncode}\n{output}"
        return result

    def make(self, *arguments: str, expect: int | None = 0, **variables: str) -> subprocess.CompletedProcess:
        """Run make with these targets and variables; a failing recipe makes it exit 2."""
        return self.run("make", f"PYTHON={sys.executable}", *arguments, expect=expect, **variables)

    def script(self, name: str, *arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess:
        """Run one of the repository's Python scripts."""
        return self.run(sys.executable, name, *arguments, expect=expect)

    def files(self) -> set[str]:
        """All files, relative and with slashes, without those of git."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        return {path.relative_to(self.path).as_posix() for path in found if ".git" not in path.parts}

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def contents(self) -> dict[str, bytes]:
        """The bytes of every file."""
        return {name: (self.path / name).read_bytes() for name in self.files()}


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the developer's own settings out of the tests, and the tests out of the developer's home."""
    settings = tmp_path_factory.mktemp("cookiecutter")
    config = settings / "config.yaml"
    config.write_text(
        json.dumps({"cookiecutters_dir": str(settings / "templates"), "replay_dir": str(settings / "replay")}),
        encoding="utf-8",
    )
    os.environ["COOKIECUTTER_CONFIG"] = str(config)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    # The last three are of the make that runs the suite: a make in a test would take part in it.
    for name in ("GOWORK", "GOFLAGS", "GOPRIVATE", "LOONGCOLLECTOR_HOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def go_environment() -> dict[str, str]:
    """The environment for Go: the stand-in host from a file GOPROXY, no network, shared caches."""
    goproxy, cache = standin_goproxy()
    return dict(os.environ) | {
        "GOPROXY": goproxy.as_uri(),
        "GOMODCACHE": str(cache),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOFLAGS": "-modcacherw",
    }


def standin_goproxy() -> tuple[Path, Path]:
    """The file GOPROXY with the stand-in at every pinned version, and the module cache that belongs to it.

    Both lie in a folder named by the stand-in's content: test workers and later runs share it.
    """
    sources = sorted(path for path in (STANDIN / "pkg").rglob("*") if path.is_file())
    hosts = QUESTIONS["_hosts"].values()
    digest = hashlib.sha256(json.dumps(QUESTIONS["_hosts"]).encode())
    for path in sources:
        digest.update(path.relative_to(STANDIN).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    home = TEMPLATE / "build" / f"standin-{digest.hexdigest()[:16]}"
    if not home.is_dir():
        unfinished = home.with_name(f"{home.name}.{os.getpid()}")
        versions = unfinished / "proxy" / PKG / "@v"
        versions.mkdir(parents=True)
        for host in hosts:
            version, go_mod = host["pkg"], f"module {PKG}\n\ngo {host['go']}\n"
            (versions / f"{version}.mod").write_text(go_mod, encoding="utf-8")
            (versions / f"{version}.info").write_text(json.dumps({"Version": version}), encoding="utf-8")
            with zipfile.ZipFile(versions / f"{version}.zip", "w") as archive:
                for path in sources:
                    name = path.relative_to(STANDIN / "pkg").as_posix()
                    text = go_mod if name == "go.mod" else path.read_text(encoding="utf-8")
                    archive.writestr(f"{PKG}@{version}/{name}", text)
        (unfinished / "mod").mkdir()
        try:
            unfinished.rename(home)
        except OSError:  # another worker was faster
            shutil.rmtree(unfinished)
    return home / "proxy", home / "mod"


@pytest.fixture
def bake(cookies: Cookies, go_environment: dict[str, str]) -> Callable[..., Repository]:
    """Generate a repository with these answers; it is registered nowhere unless they name a host."""

    def generate(**answers: str) -> Repository:
        result = cookies.bake(extra_context=answers)
        assert result.exit_code == 0, result.exception
        return Repository(result.project_path, go_environment)

    return generate


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A checkout of the stand-in host."""
    return copy_host(tmp_path / "loongcollector")


def copy_host(target: Path) -> Path:
    """Copy the stand-in host to a folder, as a checkout."""
    shutil.copytree(STANDIN, target)
    return target


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, without the developer's own settings; return what it prints."""
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    ).stdout


def command_line(
    *arguments: str, cwd: Path, environment: dict[str, str] | None = None, expect: int | None = 0
) -> subprocess.CompletedProcess:
    """Run cookiecutter as a user types it."""
    result = subprocess.run(
        [sys.executable, "-m", "cookiecutter", *arguments],
        cwd=cwd,
        env=environment or dict(os.environ),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    output = result.stdout + result.stderr
    assert expect is None or result.returncode == expect, f"exit code {result.returncode}\n{output}"
    return result
