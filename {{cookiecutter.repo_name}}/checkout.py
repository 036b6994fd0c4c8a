"""The host checkout, a LoongCollector work tree: where it is, whether it is one, which plugin types it has.

What register.py, plugin.py, run.py and the template's hooks know of it; nothing to run.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from all import Refusal, module_path, read_text, registrations

HOST_MODULE = "github.com/alibaba/ilogtail"  # the repository is called loongcollector, its module is not
PKG = f"{HOST_MODULE}/pkg"


def find_host(argument: str | None, base: Path) -> Path | None:
    """The host checkout: argument, else $LOONGCOLLECTOR_HOME, else what base/go.work links, else ../loongcollector.

    `~` is resolved, and a relative path is relative to base. Whether it is a host, check_host() tells; only
    ../loongcollector must look like one to be taken. None when there is none.
    """
    given = argument or os.environ.get("LOONGCOLLECTOR_HOME")
    if given:
        try:
            return base / Path(given).expanduser()
        except RuntimeError:  # ~nobody
            return base / given
    linked = linked_host(base)
    if linked is not None:
        return linked
    beside = base.parent / "loongcollector"
    return beside if is_host(beside) else None


def linked_host(root: Path) -> Path | None:
    """The checkout that the go.work of this repository links, or None."""
    work = root / "go.work"
    if not work.is_file():
        return None
    match = re.search(rf"^replace {re.escape(PKG)} \S+ => (.+)$", read_text(work), re.MULTILINE)
    if not match:
        return None
    path = json.loads(match[1]) if match[1].startswith('"') else match[1]
    return (root / path).parent


def is_host(folder: Path) -> bool:
    """Whether the folder's go.mod is the host's."""
    try:
        return module_path(folder) == HOST_MODULE
    except (Refusal, OSError, ValueError):
        return False


def check_host(host: Path) -> None:
    """Raise Refusal when the folder is no checkout of the host."""
    example = "a checkout: git clone https://github.com/alibaba/loongcollector"
    where = ascii(host.as_posix())
    try:
        exists = host.is_dir()
        has_module = exists and (host / "go.mod").is_file()
    except (OSError, ValueError):
        exists = has_module = False
    if not exists:
        raise Refusal(f"{where} is no folder; right: {example}")
    if not has_module:
        raise Refusal(f"{where} is no LoongCollector checkout: it has no go.mod; right: {example}")
    module = module_path(host)
    if module != HOST_MODULE:
        raise Refusal(
            f"{where} is no LoongCollector checkout: its module is {module!a}, not {HOST_MODULE}; right: {example}"
        )


def taken(host: Path, types: Iterable[str], own: Path | None = None) -> dict[str, Path]:
    """Which of these plugin types the host's own plugins register already: type -> the Go file.

    own: a folder to leave out, because it is this repository, which may lie inside the host.
    """
    wanted = {type_ for type_ in types if type_}
    if not wanted:
        return {}
    literal = re.compile(b'"(?:' + b"|".join(re.escape(type_.encode()) for type_ in sorted(wanted)) + b')"')
    found: dict[str, Path] = {}
    for folder, subfolders, files in os.walk(host / "plugins"):
        path = Path(folder)
        subfolders[:] = [name for name in subfolders if own is None or path / name != own]
        sources = (path / name for name in files if name.endswith(".go") and not name.endswith("_test.go"))
        if any(literal.search(source.read_bytes()) for source in sources):
            found |= {r.type: r.file for r in registrations(path) if r.type in wanted and r.type not in found}
    return found
