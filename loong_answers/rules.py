"""The rules for answers that need neither a host nor a repository to check, in one place.

Used by the pre_gen hook and by the Jinja extension beside this file. Standard library only.
"""

import importlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

GENERATED = Path(__file__).resolve().parents[1] / "{{cookiecutter.repo_name}}"

SPEAKER = "loong-plugin-template"  # begins every line that the template prints
GO_WORDS = frozenset(
    # The Go Programming Language Specification: keywords, then predeclared identifiers.
    (
        "break case chan const continue default defer else fallthrough for func go goto if import interface map "
        "package range return select struct switch type var "
        "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string "
        "uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag "
        "len make max min new panic print println real recover init"
    ).split()
)
WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|clock\$)(\..*)?", re.IGNORECASE)
RESERVED_FOLDERS = {
    "internal": "Go lets no other module import it",
    "main": "Go takes it for a program",
    "testdata": "Go leaves it out",
    "vendor": "Go keeps dependencies in it",
    "all": "all.py is the repository's own",
    "checkout": "checkout.py is the repository's own",
    "plugin": "plugin.py is the repository's own",
    "register": "register.py is the repository's own",
    "run": "run.py is the repository's own",
}
LONGEST_NAME = 100
LONGEST_TEXT = 500


def script(name: str) -> ModuleType:
    """The script of that name of the repository to be generated, imported as a module.

    No byte code is written: cookiecutter would take it for a file of the template.
    """
    path, wrote = sys.path, sys.dont_write_bytecode
    sys.path, sys.dont_write_bytecode = [str(GENERATED), *path], True
    try:
        return importlib.import_module(name)
    finally:
        sys.path, sys.dont_write_bytecode = path, wrote


def problems(given: Mapping) -> dict[str, str]:
    """Everything wrong with the answers: variable -> a line with the value, the rule, an example that is right."""
    found = {}
    for variable, check in CHECKS.items():
        value = str(given[variable])
        problem = check(value, given)
        if problem:
            found[variable] = f"{variable} {shown(value)}: {problem}"
    return found


def report(lines: Iterable[str]) -> str:
    """The message that ends a run which found these problems."""
    return "\n".join([*(f"{SPEAKER}: {line}" for line in lines), f"{SPEAKER}: nothing was written"])


def shown(value: str) -> str:
    """A value as a message shows it: ASCII, on one line, not endless."""
    return ascii(value if len(value) <= 80 else f"{value[:60]}... ({len(value)} characters)")


def is_portable(template: str) -> bool:
    """Whether a template's location means the same on another machine: a URL, an abbreviation such as gh:, or ssh."""
    return bool(re.match(r"(?!file:)[a-z][a-z0-9+.-]+:|[\w.-]+@[\w.-]+:", template, re.IGNORECASE))


def module_path_problem(path: str, _given: Mapping = {}) -> str:
    """What Go would refuse in a module path (golang.org/x/mod/module, CheckPath), or an empty string."""
    example = "; right: my-repo.com/my_space/my_plugins"
    elements = path.split("/")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+", elements[0]):
        return f"a Go module path begins with a host name in lower case that has a dot{example}"
    if len(path) > LONGEST_TEXT:
        return f"a module path has at most {LONGEST_TEXT} characters here{example}"
    for element in elements:
        if not re.fullmatch(r"[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?", element):
            return (
                "the elements of a Go module path are ASCII letters, digits, `-`, `.`, `_` and `~`, none empty and no "
                f"dot at either end{example}"
            )
        if WINDOWS_DEVICES.fullmatch(element) or re.search(r"~[0-9]+$", element.partition(".")[0]):
            return f"Go refuses the element {element!a}, which means something else to Windows{example}"
    version = re.fullmatch(r"v([0-9]+)", elements[-1])
    if version and (version[1].startswith("0") or version[1] == "1"):
        return f"a major version suffix is /v2 or higher{example}/v2"
    if elements[0] == "gopkg.in" and not re.search(r"\.v(0|[1-9][0-9]*)$", path):
        return "a gopkg.in path ends in its major version; right: gopkg.in/my_plugins.v1"
    if elements[0] == "github.com" and f"{path}/".startswith(f"{script('checkout').HOST_MODULE}/"):
        return f"it lies inside the host's module {script('checkout').HOST_MODULE}; take one of your own{example}"
    return ""


def folder_name_problem(name: str, _given: Mapping = {}) -> str:
    """Why a name is no plain folder name on Linux, macOS and Windows alike, or an empty string."""
    if (
        not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name)
        or name.endswith(".")
        or len(name) > LONGEST_NAME
        or WINDOWS_DEVICES.fullmatch(name)
    ):
        return (
            f"a folder name here is ASCII letters, digits, `-`, `.` and `_`, begins with none of `-` and `.`, does "
            f"not end in a dot, has at most {LONGEST_NAME} characters and is no Windows device; right: my_plugins"
        )
    return ""


def plugin_name_problem(name: str, given: Mapping) -> str:
    """Why a name cannot be a plugin's folder, Go package and type at once, or an empty string."""
    example = "; right: example_plugin"
    prefix = given["_kinds"][given["plugin_kind"]]["prefix"]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > LONGEST_NAME:
        return (
            "a plugin name is a lower-case letter, then lower-case letters, digits and `_`, at most "
            f"{LONGEST_NAME} characters{example}"
        )
    if name in GO_WORDS:
        return f"it is a Go keyword or predeclared name; right: my_{name}"
    if name.startswith(prefix):
        rest = name.removeprefix(prefix) or "example_plugin"
        return f"the type gets the prefix {prefix!a} by itself; right: {rest}"
    if name in RESERVED_FOLDERS or WINDOWS_DEVICES.fullmatch(name):
        return f"{RESERVED_FOLDERS.get(name, 'it is a Windows device')}; right: my_{name}"
    last = name.rpartition("_")[2]
    if name != last and (last == "test" or last in script("all").PLATFORM_WORDS):
        return f"Go builds a file named {name}.go only for {last}; right: {name}_plugin"
    return ""


def text_problem(text: str, _given: Mapping) -> str:
    """Why a text cannot stand on one line of a source file, or an empty string."""
    invisible = any(unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp") for letter in text)
    if invisible or len(text) > LONGEST_TEXT or text != text.strip():
        return (
            f"it is one line of at most {LONGEST_TEXT} characters, without control or direction marks and without "
            "space at either end; right: Acme Corporation"
        )
    return ""


def description_problem(text: str, given: Mapping) -> str:
    """Why a text cannot be what Description() returns, or an empty string."""
    return text_problem(text, given) if text else "it is empty; right: Masks phone numbers."


def path_problem(path: str, _given: Mapping) -> str:
    """Why a text cannot be the path of a folder, or an empty string."""
    if any(unicodedata.category(letter) in ("Cc", "Cn", "Cs") for letter in path):
        return "a path has no control characters; right: ~/loongcollector"
    return ""


CHECKS = {
    "module_path": module_path_problem,
    "repo_name": folder_name_problem,
    "plugin_name": plugin_name_problem,
    "plugin_description": description_problem,
    "copyright_holder": text_problem,
    "loongcollector_home": path_problem,
}
