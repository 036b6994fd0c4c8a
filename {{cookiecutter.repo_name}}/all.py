#!/usr/bin/env python3
"""Keep all.go importing every plugin of this repository.

    python all.py            rewrite all.go
    python all.py --check    change nothing; exit 1 when all.go is out of date

A package counts when a Go file of it (tests aside) registers a plugin with the host's pipeline package. Folders
that Go leaves out of `./...` or that the host could not import are left out here, too: testdata, vendor,
internal, names that begin with `.` or `_`, nested modules, package main.

Exit codes: 0 done, or nothing to do; 1 --check found all.go out of date; 2 an error, and all.go is untouched.
"""

from __future__ import annotations

import os
import re
import sys
from collections import namedtuple
from pathlib import Path

PIPELINE = "github.com/alibaba/ilogtail/pkg/pipeline"
SKIPPED_FOLDERS = {"internal", "testdata", "vendor"}

# The operating systems and architectures that Go reads after the last `_` of a file name as a build constraint:
# internal/syslist of the Go sources.
PLATFORM_WORDS = frozenset(
    (
        "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 "
        "windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 "
        "mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm"
    ).split()
)

# pkg/pipeline/plugin.go of the host: a plugin registers itself through a function or, as many of the host's own
# plugins do, by assigning to the map behind it.
MAPS = {
    "MetricInputs": "metric",
    "ServiceInputs": "service",
    "Processors": "processor",
    "Aggregators": "aggregator",
    "Flushers": "flusher",
    "Extensions": "extension",
}
# Patterns are compiled where they are first used: the template's hooks load this file for a constant or two.
REGISTERS = (
    r"(?<![\w.])(?:(?P<package>\w+)\s*\.\s*)?"
    r"(?:Add(?P<creator>Metric|Service|Processor|Aggregator|Flusher|Extension)Creator\s*\("
    r"|(?P<map>" + "|".join(MAPS) + r")\s*\[)"
    r"\s*(?P<type>[\"`]\w*[\"`]|[\w.]+)"
)
IMPORTS_PIPELINE = r"(?:(?P<alias>[\w.]+)[ \t]+)?[\"`]" + PIPELINE.replace(".", r"\.") + r"[\"`]"
COMMENT_OR_STRING = r"(?s://[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])+')"
PACKAGE = r"(?m:^\s*package\s+(\w+))"
BUILD_CONSTRAINT = r"(?m:^//go:build\s)"
IMPORTABLE = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"  # golang.org/x/mod/module.CheckImportPath, one element


class Refusal(Exception):
    """Something the user must mend; its text is the whole message, in ASCII."""


class Registration(namedtuple("Registration", "kind type file line")):
    """One plugin type that a Go file registers: at this line (from 1) of that file.

    kind: metric, service, processor, aggregator, flusher or extension.
    type: the name pipelines use, such as processor_mask; empty when the source does not spell it out.
    """

    __slots__ = ()


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, whatever its line ends; raises Refusal when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"cannot read {path.as_posix()!a}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What went wrong, in ASCII and without the error's own decoration."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return ascii(getattr(error, "strerror", None) or str(error))[1:-1]


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file in one step: whoever reads it meanwhile sees all of the old or all of the new text."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refusal(f"cannot write {path.as_posix()!a}: {reason(error)}") from error


def module_path(root: Path) -> str:
    """The module path in root/go.mod; raises Refusal when there is none."""
    path = root / "go.mod"
    if not path.is_file():
        raise Refusal(f"no go.mod in {root.as_posix()!a}; run this in the root of the plugin repository")
    match = re.search(r"^\s*module\s+(?:\"([^\"]+)\"|`([^`]+)`|([^\s\"`/]\S*))", read_text(path), re.MULTILINE)
    if match is None:
        raise Refusal(
            f"{path.as_posix()!a} has no module line; one that is right: module my-repo.com/my_space/my_plugins"
        )
    return next(filter(None, match.groups()))


def registrations(folder: Path) -> list[Registration]:
    """The plugins that the Go files directly in folder register, tests aside, by file and line."""
    found = []
    constants: dict[str, str] | None = None
    for path, source in go_sources(folder):
        if PIPELINE not in source:
            continue
        code = mask(source)
        names = pipeline_names(source, code)
        for match in re.finditer(REGISTERS, code):
            package = match["package"] or "."
            assigned = match["map"] is None or re.match(r"\s*\]\s*=[^=]", code[match.end() :])
            if package not in names or not assigned:
                continue
            type_ = source[match.start("type") : match.end("type")]
            if type_[0] in '"`':
                type_ = type_[1:-1]
            else:
                if constants is None:
                    constants = string_constants(folder)
                type_ = constants.get(type_, "")
            kind = (match["creator"] or MAPS[match["map"]]).lower()
            found.append(Registration(kind, type_, path, code.count("\n", 0, match.start()) + 1))
    return found


def go_sources(folder: Path) -> list[tuple[Path, str]]:
    """The Go files directly in folder that are no tests and that Go does not ignore, with their text."""
    names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    wanted = (n for n in names if n.endswith(".go") and not n.endswith("_test.go") and n[0] not in "._")
    return [(folder / name, read_text(folder / name)) for name in wanted]


def mask(source: str) -> str:
    """The Go source with comments blanked and what stands in strings replaced by `_`; all positions stay."""

    def blank(match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "/":
            return re.sub(r"[^\n]", " ", text)
        return text[0] + re.sub(r"[^\n]", "_", text[1:-1]) + text[-1]

    return re.sub(COMMENT_OR_STRING, blank, source)


def pipeline_names(source: str, code: str) -> set[str]:
    """The names by which a file may call the host's pipeline package; `.` for a dot import."""
    names = set()
    for match in re.finditer(IMPORTS_PIPELINE, source):
        if code[match.end() - 2] == "_":  # a string, not a comment
            alias = match["alias"]
            names.add("pipeline" if alias in (None, "import") else alias)
    return names


def string_constants(folder: Path) -> dict[str, str]:
    """The package's names that are given a string literal."""
    pattern = re.compile(r"\b(\w+)(?:\s+string)?\s*:?=\s*([\"`])(_*)\2")
    constants = {}
    for _, source in go_sources(folder):
        for match in pattern.finditer(mask(source)):
            constants[match[1]] = source[match.start(3) : match.end(3)]
    return constants


def packages(root: Path) -> dict[str, list[Registration]]:
    """The plugin packages below root: folder relative to root, with slashes -> what it registers, sorted.

    The root package is not among them: it cannot import itself. Raises Refusal when a folder that registers a
    plugin cannot be imported, or not on every platform.
    """
    found = {}
    for folder, subfolders, files in os.walk(root):
        path = Path(folder)
        if path != root and "go.mod" in files:
            subfolders.clear()  # another module
            continue
        subfolders[:] = [name for name in subfolders if name[0] not in "._" and name not in SKIPPED_FOLDERS]
        if path == root or not any(name.endswith(".go") for name in files):
            continue
        registered = registrations(path)
        if registered and package_name(registered[0].file) != "main":
            name = path.relative_to(root).as_posix()
            check_importable(name, path)
            found[name] = registered
    return dict(sorted(found.items()))


def package_name(path: Path) -> str:
    """The name in a Go file's package clause, or an empty string."""
    match = re.search(PACKAGE, mask(read_text(path)))
    return match[1] if match else ""


def check_importable(name: str, folder: Path) -> None:
    """Raise Refusal when all.go could not import the folder on every platform."""
    for element in name.split("/"):
        if not re.fullmatch(IMPORTABLE, element) or element.endswith("."):
            raise Refusal(
                f"the folder {name!a} registers a plugin, but Go cannot import it: {element!a} is no import path "
                "element (ASCII letters, digits, `-`, `.`, `_`, `~`); rename it, for example to my_plugin"
            )
    if all(is_constrained(path.name, source) for path, source in go_sources(folder)):
        raise Refusal(
            f"the folder {name!a} registers a plugin, but every Go file in it has a build constraint, so all.go "
            f"would not compile on other platforms; add {name}/doc.go with only a package clause, for example: "
            f"package {name.rpartition('/')[2]}"
        )


def is_constrained(name: str, source: str) -> bool:
    """Whether a Go file is built on some platforms only, by its name or by a go:build line."""
    words = name.removesuffix(".go").split("_")[1:]
    return bool(words and words[-1] in PLATFORM_WORDS) or bool(re.search(BUILD_CONSTRAINT, source))


def check_unique(root: Path, found: dict[str, list[Registration]]) -> None:
    """Raise Refusal when two packages register one type: the host would silently let the last one win."""
    first: dict[tuple[str, str], Registration] = {}
    for registered in (registrations(root), *found.values()):
        for new in registered:
            # Metric and service inputs share one name space: a pipeline asks for either in `inputs`.
            key = ("input" if new.kind in ("metric", "service") else new.kind, new.type)
            old = first.setdefault(key, new)
            if new.type and old.file.parent != new.file.parent:
                places = " and ".join(f"{r.file.relative_to(root).as_posix()}:{r.line}" for r in (old, new))
                raise Refusal(
                    f"two packages register the type {new.type!a}: {places}; the host would silently let one of "
                    "them win. Rename one type, then run: make all"
                )


def root_package(root: Path, module: str) -> str:
    """The name of the root package: as the root's Go files have it, else made from the module path."""
    for path, _ in go_sources(root):
        name = package_name(path)
        if name not in ("", "main"):
            return name
    elements = module.split("/")
    if len(elements) > 1 and re.fullmatch(r"v[0-9]+", elements[-1]):
        elements.pop()
    return re.sub(r"^(?=[0-9])", "_", re.sub(r"[^a-z0-9_]", "_", elements[-1].lower()))


def render(package: str, module: str, folders: list[str]) -> str:
    """The text of all.go, as gofmt leaves it."""
    lines = [
        "// Code generated by all.py; DO NOT EDIT.",
        "",
        f"// Package {package} imports every plugin of this repository: whoever imports it has them all registered.",
        f"package {package}",
    ]
    if folders:
        lines += ["", "import (", *(f'\t_ "{module}/{folder}"' for folder in folders), ")"]
    return "\n".join(lines) + "\n"


def check_replaceable(text: str, module: str) -> None:
    """Raise Refusal when an all.go written by hand holds more than blank imports of the module's own packages."""
    code = re.sub(COMMENT_OR_STRING, lambda match: " " if match[0][0] == "/" else match[0], text)
    ours = rf"^\s*package\s+\w+|\bimport\b|_\s+[\"`]{re.escape(module)}(/[^\"`]*)?[\"`]|[();\s]"
    foreign = re.sub(ours, " ", code).split()
    if foreign:
        raise Refusal(
            f"all.go is generated, but holds more than imports of this module's plugins: {' '.join(foreign)[:80]!a}; "
            "move it to another Go file of the root package, then run: make all"
        )


def refresh(root: Path, check: bool = False) -> bool:
    """Bring root/all.go up to date, or with check only look; return whether it was out of date.

    Raises Refusal when two packages register one type, or a folder that registers a plugin cannot be imported.
    """
    module = module_path(root)
    found = packages(root)
    check_unique(root, found)
    target = root / "all.go"
    wanted = render(root_package(root, module), module, list(found))
    if target.is_file():
        present = read_text(target)
        if present == wanted:
            return False
        check_replaceable(present, module)
    if not check:
        write_text(target, wanted)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="all.py", description="Keep all.go importing every plugin of this repository."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when all.go is out of date")
    options = parser.parse_args(arguments)
    try:
        stale = refresh(Path(__file__).resolve().parent, check=options.check)
    except Refusal as refusal:
        print(f"all.py: {refusal}", file=sys.stderr)
        return 2
    if stale and options.check:
        print("all.py: all.go is out of date; run: make all", file=sys.stderr)
        return 1
    print("all.go is up to date" if not stale else "all.go: rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
