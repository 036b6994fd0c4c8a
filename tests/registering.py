"""What the tests of register.py share: small repositories and hosts, and the script as a module."""

import shutil
from pathlib import Path

from conftest import TEMPLATE

from loong_answers import rules

MODULE = "my-repo.com/a/b"
SCRIPTS = TEMPLATE / "{{cookiecutter.repo_name}}"

register = rules.script("register")


def make_repository(folder: Path, module: str = MODULE) -> Path:
    """A repository with the plugins one and two, and the two scripts."""
    folder.mkdir(parents=True)
    pinned = "require github.com/alibaba/ilogtail/pkg v0.0.0-20250828114530-a21f99a7e9b5"
    (folder / "go.mod").write_text(f"module {module}\n\ngo 1.19\n\n{pinned}\n", encoding="utf-8")
    for name in ("one", "two"):
        add_plugin(folder / name, f'pipeline.AddServiceCreator("service_{name}", nil)')
    for name in ("all.py", "checkout.py", "register.py"):
        shutil.copy(SCRIPTS / name, folder)
    return folder


def add_plugin(folder: Path, registration: str) -> None:
    """A Go package with a file that does this in its init."""
    folder.mkdir(parents=True)
    source = f'import "github.com/alibaba/ilogtail/pkg/pipeline"\n\nfunc init() {{\n\t{registration}\n}}\n'
    (folder / "x.go").write_text(f"package {folder.name}\n\n{source}", encoding="utf-8")


def make_host(folder: Path) -> Path:
    """A folder that is a host checkout, as far as register.py looks."""
    (folder / "pkg").mkdir(parents=True)
    (folder / "go.mod").write_text("module github.com/alibaba/ilogtail\n\ngo 1.23.12\n", encoding="utf-8")
    (folder / "pkg" / "go.mod").write_text("module github.com/alibaba/ilogtail/pkg\n\ngo 1.23.12\n", encoding="utf-8")
    return folder
