#!/usr/bin/env python3
"""Introduce this repository to a LoongCollector checkout, in its external_plugins.yml.

    python register.py [HOST] [--source local|latest|VERSION] [--plugin NAME]... [--category CATEGORY]
                       [--remove] [--dry-run] [--check]

HOST is the checkout: by default LOONGCOLLECTOR_HOME, then the one that go.work links, then ../loongcollector.

The file belongs to its user. It is edited as text, at the places that a YAML parse gives; the result is parsed again
and must differ from what was there in exactly what was meant, or nothing is written. Also writes go.work here, so
that editor, tests and vet use the checkout's API.

Exit codes: 0 done, or nothing to do; 1 --check found it not registered as asked; 2 an error, and nothing was changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from all import Refusal, module_path, packages, read_text, reason, registrations
from checkout import PKG, check_host, find_host, taken

FILE = "external_plugins.yml"
CATEGORIES = ("common", "linux", "windows", "debug")  # tools/builder/config.go of the host, pluginCategory
PLACEHOLDER = "v0.0.0"  # the version of a module that a replace takes from a folder; it need not exist
MARK = "// Written by register.py: where the host checkout lies on this machine."
VERSION = re.compile(  # semver.org, as Go takes it: with v, and +incompatible as the only build metadata
    r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+incompatible)?"
)
LINE_ENDS = "\n\r\x85\u2028\u2029"  # what YAML 1.1 takes for one, besides CRLF
LINE_END = re.compile(f"\r\n|[{LINE_ENDS}]")


# ---- YAML with positions


class Node:
    """A YAML value and where it stands in the text: from start to end, its first character in column."""

    __slots__ = (
        "column",
        "end",
        "flow",
        "items",
        "kind",
        "line",
        "name",
        "plain",
        "start",
        "tagged",
        "value",
    )

    def __init__(self, kind: str, event) -> None:
        self.kind = kind  # scalar, sequence, mapping or alias
        mark = event.start_mark
        self.start, self.column, self.line = mark.index, mark.column, mark.line + 1
        self.end = event.end_mark.index
        self.items: list = []  # of a sequence: nodes; of a mapping: pairs of nodes
        self.flow = self.plain = self.tagged = False
        self.value = ""
        self.name = getattr(event, "anchor", None)

    @property
    def null(self) -> bool:
        """Whether it is a plain null: yaml.org/type/null.html, and what yaml.v3 takes for one."""
        return self.kind == "scalar" and self.plain and self.value in ("", "~", "null", "Null", "NULL")

    @property
    def content_end(self) -> int:
        """Where its last character stands: a block collection's own end lies behind the comments that follow."""
        node = self
        while node.kind in ("sequence", "mapping") and not node.flow and node.items:
            last = node.items[-1]
            node = last if node.kind == "sequence" else last[1]
        return node.end


def parse(text: str) -> tuple[Node | None, dict[str, Node]]:
    """The text's only YAML document and its anchors; raises Refusal with the line where it is none."""
    import yaml

    if "\ufeff" in text:
        line = len(LINE_END.findall(text, 0, text.index("\ufeff"))) + 1
        raise Refusal(f"line {line}: a byte order mark inside the file, as left by joining two files; delete it")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    root: Node | None = None
    anchors: dict[str, Node] = {}
    open_: list[Node] = []
    keys: list[Node | None] = []  # for every open collection: the key that waits for its value
    documents = 0
    try:
        while loader.check_event():
            event = loader.get_event()
            kind = KINDS.get(type(event).__name__)
            if kind is None:
                continue
            if kind == "document":
                documents += 1
                if documents > 1:
                    raise Refusal(
                        f"line {event.start_mark.line + 1}: a second document begins; the host reads only the first"
                    )
                continue
            if kind == "end":
                closed = open_.pop()
                keys.pop()
                closed.end = event.end_mark.index
                continue
            node = Node(kind, event)
            if kind == "alias" and node.name not in anchors:
                raise Refusal(f"line {node.line}: the alias *{node.name} has no anchor; the builder refuses that")
            if kind == "scalar":
                node.value, node.plain = event.value, not event.style and event.implicit[0]
                node.tagged = event.tag not in (None, "!", "tag:yaml.org,2002:str")
                node.flow = bool(open_) and open_[-1].flow
            elif kind != "alias":
                node.flow = bool(event.flow_style)
                node.tagged = event.tag is not None
            if kind != "alias" and node.name:
                anchors[node.name] = node
            if not open_:
                root = node
            elif open_[-1].kind == "sequence":
                open_[-1].items.append(node)
            elif keys[-1] is None:
                keys[-1] = node
            else:
                open_[-1].items.append((keys[-1], node))
                keys[-1] = None
            if kind in ("sequence", "mapping"):
                open_.append(node)
                keys.append(None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise Refusal(f"{line}not YAML: {ascii(str(error.problem or error.context))[1:-1]}") from error
    except yaml.YAMLError as error:
        raise Refusal(f"not YAML: {ascii(str(error).splitlines()[0])[1:-1]}") from error
    finally:
        loader.dispose()
    return root, anchors


KINDS = {
    "DocumentStartEvent": "document",
    "ScalarEvent": "scalar",
    "SequenceStartEvent": "sequence",
    "MappingStartEvent": "mapping",
    "AliasEvent": "alias",
    "SequenceEndEvent": "end",
    "MappingEndEvent": "end",
}


@dataclass
class Entry:
    """An element of plugins.<category>, as the builder reads it."""

    category: str
    index: int
    node: Node
    pairs: dict[str, Node]  # its own keys, without merged ones
    gomod: str
    imported: str  # what the file says, or the module of gomod, which is the builder's default
    path: str

    @property
    def module(self) -> str:
        """The module of gomod, without its version."""
        return self.gomod.partition(" ")[0]

    @property
    def version(self) -> str:
        """The version of gomod, which may be empty."""
        return self.gomod.partition(" ")[2].strip()


class Config:
    """external_plugins.yml as the host's builder reads it; raises Refusal where the builder would choke."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root, self.anchors = parse(text)
        top = self.mapping(self.root, "the file")
        self.plugins, self.project = top.get("plugins"), top.get("project")
        groups = self.mapping(self.plugins, "plugins")
        self.groups = {category: groups.get(category) for category in CATEGORIES}
        self.entries = [
            self.entry(category, index, item)
            for category, group in self.groups.items()
            for index, item in enumerate(self.sequence(group, f"plugins.{category}"))
        ]
        parts = self.mapping(self.project, "project")
        self.replaces = parts.get("replaces")
        for item in self.sequence(self.replaces, "project.replaces"):
            if not self.string(item, "an element of project.replaces").strip():
                self.refuse(item, "an element of project.replaces is empty; the builder would write a broken go.mod")
        self.go_envs = parts.get("go_envs")
        envs = self.mapping(self.go_envs, "project.go_envs")
        for name in ("git_configs", "go_envs"):
            for key, value in self.mapping(parts.get(name), f"project.{name}").items():
                self.string(value, f"project.{name}.{key}")
        self.goprivate = envs.get("GOPRIVATE")

    def refuse(self, node: Node, why: str) -> None:
        """Raise the Refusal for what stands at a node."""
        raise Refusal(f"line {node.line}: {why}")

    def resolve(self, node: Node) -> Node:
        """The node that an alias stands for, or the node itself."""
        if node.kind != "alias":
            return node
        return self.anchors[node.name]

    def pairs(self, node: Node, what: str) -> dict[str, Node]:
        """A mapping's own pairs by key, without merged ones; refuses duplicates, as yaml.v3 does."""
        found: dict[str, Node] = {}
        for key, value in node.items:
            name = self.string(key, f"a key of {what}")
            if name in found:
                self.refuse(key, f"the key {name!a} stands twice in {what}; the builder refuses that")
            found[name] = value
        return found

    def position(self, node: Node, name: str) -> int:
        """Which pair of a mapping has the key of that name, from 0."""
        return [self.resolve(key).value for key, _ in node.items].index(name)

    def mapping(self, node: Node | None, what: str) -> dict[str, Node]:
        """The pairs of a mapping that we may have to edit; empty for null or nothing."""
        if node is None or node.null:
            return {}
        if node.kind == "alias" or node.tagged:
            self.refuse(node, f"{what} is an alias or has a tag, and cannot be edited safely")
        if node.kind != "mapping":
            self.refuse(node, f"{what} is no mapping, such as `plugins:` with `common:` below it")
        found = self.pairs(node, what)
        if "<<" in found:
            self.refuse(node, f"{what} has a merge key (<<), and cannot be edited safely")
        return found

    def sequence(self, node: Node | None, what: str) -> list[Node]:
        """The elements of a sequence that we may have to edit; empty for null or nothing."""
        if node is None or node.null:
            return []
        if node.kind == "alias" or node.tagged:
            self.refuse(node, f"{what} is an alias or has a tag, and cannot be edited safely")
        if node.kind != "sequence":
            self.refuse(node, f"{what} is no list")
        return node.items

    def string(self, node: Node | None, what: str) -> str:
        """A scalar's text; empty for null or nothing. yaml.v3 takes any scalar for a string."""
        if node is None:
            return ""
        node = self.resolve(node)
        if node.kind != "scalar" or node.tagged:
            self.refuse(node, f"{what} is no text")
        return "" if node.null else node.value

    def entry(self, category: str, index: int, node: Node) -> Entry:
        """An element of plugins.<category>."""
        what = f"an element of plugins.{category}"
        actual = self.resolve(node)
        if actual.null:
            self.refuse(node, f"{what} is empty; the builder would crash on it")
        if actual.kind != "mapping":
            self.refuse(node, f"{what} is no mapping with `gomod` and `import`")
        own = self.pairs(actual, what)
        merged: dict[str, Node] = {}
        if "<<" in own:
            base = self.resolve(own["<<"])
            for part in base.items if base.kind == "sequence" else [base]:
                for key, value in self.resolve(part).items:
                    merged.setdefault(self.resolve(key).value, value)
        texts = {key: self.string((merged | own).get(key), f"{key} of {what}") for key in ("gomod", "import", "path")}
        imported = texts["import"] or texts["gomod"].split(" ")[0]
        return Entry(category, index, node, own, texts["gomod"], imported, texts["path"])


# ---- edits


@dataclass
class Edits:
    """What is to change, by node: the text and the expected result are made from the same description."""

    scalars: dict[int, tuple[Node, str]] = field(default_factory=dict)  # new values
    removed: dict[int, tuple[Node, set[int]]] = field(default_factory=dict)  # elements or pairs, by index
    pairs: dict[int, tuple[Node, dict]] = field(default_factory=dict)  # pairs that a mapping gets
    added: dict = field(default_factory=dict)  # to merge into the whole: mappings by key, sequences by appending

    def set(self, node: Node, value: str) -> None:
        """Give a scalar another value."""
        if node.value != value or node.kind != "scalar":
            self.scalars[id(node)] = (node, value)

    def remove(self, node: Node, index: int) -> None:
        """Take an element of a sequence, or a pair of a mapping, away."""
        self.removed.setdefault(id(node), (node, set()))[1].add(index)

    def add(self, value: object, *path: str) -> None:
        """Add to the collection at a path: to a sequence its elements, to a mapping its pairs."""
        target = self.added
        for key in path[:-1]:
            target = target.setdefault(key, {})
        if isinstance(value, list):
            target.setdefault(path[-1], []).extend(value)
        else:
            target.setdefault(path[-1], {}).update(value)


def data(node: Node | None, edits: Edits, added: dict | list | None = None) -> object:
    """The value of a node after the edits, as plain data; empty collections and null are all None."""
    if node is None:
        return merged_data({}, added)
    if id(node) in edits.scalars:
        return edits.scalars[id(node)][1]
    if node.kind == "alias":
        return ("alias", node.name)
    if node.kind == "scalar":
        return merged_data(None, added) if node.null else node.value
    _, gone = edits.removed.get(id(node), (None, frozenset()))
    if node.kind == "sequence":
        items = [data(item, edits) for index, item in enumerate(node.items) if index not in gone]
        return merged_data(items, added)
    found = {}
    for index, (key, value) in enumerate(node.items):
        if index not in gone:
            name = data(key, edits)
            name = name if isinstance(name, (str, type(None))) else repr(name)
            more = added.get(name) if isinstance(added, dict) else None
            found[name] = data(value, edits, more)
    _, pairs = edits.pairs.get(id(node), (None, {}))
    missing = (
        {key: value for key, value in (added or {}).items() if key not in found} if isinstance(added, dict) else {}
    )
    return merged_data(found, missing | pairs)


def merged_data(value: object, added: dict | list | None) -> object:
    """A value with what is added to it; None for an empty collection."""
    if isinstance(added, dict):
        value = {
            **(value or {}),
            **{key: merged_data(None, item) if not isinstance(item, str) else item for key, item in added.items()},
        }
    elif isinstance(added, list):
        value = [*(value or []), *added]
    return value if isinstance(value, str) else value or None


def apply(text: str, root: Node | None, edits: Edits) -> str:
    """The text with the edits done."""
    changes: list[tuple[int, int, str]] = []
    writer = Writer(text)
    missing_end = "" if not text or text[-1] in LINE_ENDS else writer.newline  # only while we work on whole lines
    writer.text = text = text + missing_end
    for node, value in edits.scalars.values():
        changes.append(writer.replace(node, value))
    for node, gone in edits.removed.values():
        changes += writer.removals(node, gone)
    for node, pairs in edits.pairs.values():
        changes += writer.insert_pairs(node, pairs)
    changes += writer.merge(root, edits.added, None)
    result = []
    position = 0
    for start, end, new in sorted(changes, key=lambda change: (change[0], change[1])):
        if start < position:
            raise Refusal("the places to edit lie too close together to be edited safely")
        result += [text[position:start], new]
        position = end
    return "".join([*result, text[position:]]).removesuffix(missing_end)


class Writer:
    """Makes text for values in the style of what surrounds them."""

    def __init__(self, text: str) -> None:
        self.text = text
        match = re.search("\r\n|\n|\r", text)
        self.newline = match[0] if match else "\n"

    def replace(self, node: Node, value: str) -> tuple[int, int, str]:
        """The change that gives a scalar another value."""
        if node.start == node.end:  # nothing stands behind the colon
            gap = "" if self.text[node.start - 1].isspace() else " "
            return node.start, node.end, gap + self.scalar(value, flow=node.flow)
        length = len(self.text[node.start : node.end].rstrip())  # a block scalar reaches to the next line
        return node.start, node.start + length, self.scalar(value, node, node.flow)

    def scalar(self, value: str, like: Node | None = None, flow: bool = False) -> str:
        """A text as a scalar, quoted as the one it replaces, or only where it must be."""
        start = self.text[like.start] if like is not None and like.end > like.start else ""
        if start == "'":
            return "'" + value.replace("'", "''") + "'"
        # In a flow collection a comma or bracket would end it; in a block one, only `: `, ` #` and the like would.
        plain = (
            r"[A-Za-z][A-Za-z0-9._~/@+=>-]*( [A-Za-z0-9._~/@+=>-]+)*"
            if flow
            else r"[A-Za-z][A-Za-z0-9._~/@+=>,*-]*( [A-Za-z0-9._~/@+=>,-]+)*"
        )
        if start != '"' and re.fullmatch(plain, value):
            return value
        return json.dumps(value, ensure_ascii=False)

    def flow(self, value: object) -> str:
        """A value in flow style."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key}: {self.flow(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        return self.scalar(value, flow=True)

    def block(self, value: object, indent: str, dash: str = "- ") -> list[str]:
        """A collection in block style, as lines."""
        lines = []
        for item in value:
            if isinstance(value, dict):
                inner = value[item]
                if isinstance(inner, str):
                    lines.append(f"{indent}{item}: {self.scalar(inner)}")
                else:
                    lines += [f"{indent}{item}:", *self.block(inner, f"{indent}  ")]
            elif isinstance(item, str):
                lines.append(f"{indent}{dash}{self.scalar(item)}")
            else:
                first, *rest = self.block(item, " " * len(indent + dash))
                lines += [f"{indent}{dash}{first.lstrip()}", *rest]
        return lines

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return 1 + max(self.text.rfind(end, 0, position) for end in LINE_ENDS)

    def line_end(self, position: int) -> int:
        """Where the next line begins: behind the line end, or at the end of the text."""
        if position and self.text[position - 1] in LINE_ENDS:
            return position  # a block scalar's end
        match = LINE_END.search(self.text, position)
        return match.end() if match else len(self.text)

    def insert_lines(self, position: int, lines: list[str]) -> tuple[int, int, str]:
        """Put whole lines behind the line of a position."""
        where = self.line_end(position)
        return where, where, "".join(line + self.newline for line in lines)

    def merge(self, node: Node | None, added: object, key: Node | None) -> list[tuple[int, int, str]]:
        """The changes that add to a collection, and to those in it; key is what it is the value of."""
        if not added:
            return []
        if node is None:
            return [self.insert_lines(len(self.text), self.block(added, ""))]
        if node.kind == "scalar":
            return self.fill(node, added, key)
        if node.kind == "sequence":
            return self.insert_items(node, added)
        found = {pair[0].value: pair for pair in node.items}
        # What goes deeper comes first: where both end up in one place, it must stand before what encloses it.
        changes = []
        for name, value in added.items():
            if name in found:
                changes += self.merge(found[name][1], value, found[name][0])
        missing = {name: value for name, value in added.items() if name not in found}
        if not missing:
            return changes
        if key is None and not node.flow and not re.search(r"^\.\.\.|[\n\r]\.\.\.", self.text):
            # At the end of the file, so that comments stay below what they follow.
            return [*changes, self.insert_lines(len(self.text), self.block(missing, " " * node.items[0][0].column))]
        return [*changes, *self.insert_pairs(node, missing)]

    def fill(self, node: Node, added: object, key: Node | None) -> list[tuple[int, int, str]]:
        """The changes that turn a null into a collection."""
        if key is None:  # the whole document is a null, such as an empty one behind `---`
            if node.start == node.end:
                return [self.insert_lines(len(self.text), self.block(added, ""))]
            return [(node.start, node.end, self.newline.join(self.block(added, "")))]
        if key.flow:
            return [(node.start, node.end, f"{'' if self.text[node.start - 1].isspace() else ' '}{self.flow(added)}")]
        lines = self.block(added, " " * (key.column + 2))
        start = node.start
        while node.end > node.start and self.text[start - 1] in " \t":
            start -= 1
        gone = [(start, node.end, "")] if node.end > node.start else []
        return [*gone, self.insert_lines(node.end, lines)]

    def insert_pairs(self, node: Node, pairs: dict) -> list[tuple[int, int, str]]:
        """The changes that put pairs behind those of a mapping."""
        if node.flow:
            return self.insert_flow(node, [f"{key}: {self.flow(value)}" for key, value in pairs.items()])
        column = node.items[0][0].column
        return [self.insert_lines(node.content_end, self.block(pairs, " " * column))]

    def insert_items(self, node: Node, items: list) -> list[tuple[int, int, str]]:
        """The changes that put elements behind those of a sequence."""
        if node.flow:
            return self.insert_flow(node, [self.flow(item) for item in items])
        first = node.items[0]
        if self.text[node.start] != "-":  # an anchor stands in front
            raise Refusal(f"line {node.line}: the list has an anchor or a tag, and cannot be edited safely")
        gap = first.column - node.column if first.line == node.line else 2
        dash = "-" + " " * (gap - 1)
        return [self.insert_lines(node.content_end, self.block(items, " " * node.column, dash))]

    def insert_flow(self, node: Node, texts: list[str]) -> list[tuple[int, int, str]]:
        """The changes that put texts behind the last element of a flow collection."""
        joined = ", ".join(texts)
        if not node.items:
            inside = node.start + 1
            while self.text[inside - 1] not in "[{":  # behind an anchor
                inside += 1
            return [(inside, inside, joined)]
        last = node.items[-1]
        end = (last[1] if node.kind == "mapping" else last).end
        gap = " " if self.text[end - 1] == ":" else ""  # behind a null, where PyYAML without libyaml ends it
        return [(end, end, f"{gap}, {joined}")]

    def removals(self, node: Node, gone: set[int]) -> list[tuple[int, int, str]]:
        """The changes that take elements of a sequence, or pairs of a mapping, away."""
        changes = []
        for index in sorted(gone):
            if node.flow:
                changes.append(self.removal_in_flow(node, index, gone))
            else:
                changes.append(self.removal_of_lines(node, index))
        return changes

    def span(self, node: Node, index: int) -> tuple[int, int]:
        """Where an element or pair begins and where its content ends."""
        item = node.items[index]
        first, last = (item, item) if node.kind == "sequence" else item
        return first.start, last.content_end

    def removal_in_flow(self, node: Node, index: int, gone: set[int]) -> tuple[int, int, str]:
        """The change that takes one element of a flow collection away, with a comma of its own."""
        start, end = self.span(node, index)
        if any(other not in gone for other in range(index)):
            return self.span(node, index - 1)[1], end, ""
        if index + 1 < len(node.items):
            return start, self.span(node, index + 1)[0], ""
        comma = re.compile(r"\s*,").match(self.text, end)
        return start, comma.end() if comma else end, ""

    def removal_of_lines(self, node: Node, index: int) -> tuple[int, int, str]:
        """The change that takes the lines of one element of a block collection away."""
        start, end = self.span(node, index)
        begins = self.line_start(start)
        if node.kind == "mapping":
            lead = self.text[begins:start]
            if lead.strip():  # the first key of a list element: what follows takes its place behind the dash
                if index + 1 < len(node.items):
                    return start, self.span(node, index + 1)[0], ""
                raise Refusal(f"line {node.line}: an element would be left empty")
        else:
            while (
                self.text[begins + node.column : begins + node.column + 1] != "-"
                or self.text[begins : begins + node.column].strip()
            ):
                if begins <= node.start - node.column:
                    raise Refusal(f"line {node.line}: the list has an anchor or a tag, and cannot be edited safely")
                begins = self.line_start(begins - 1)
        return begins, self.line_end(end), ""


# ---- what to change


@dataclass(frozen=True)
class Wish:
    """How the repository is to be registered."""

    root: Path
    host: Path
    module: str
    source: str = "local"  # local, latest or a version
    plugins: tuple[str, ...] = ()
    category: str = ""  # empty: as it is, or common
    remove: bool = False

    @property
    def version(self) -> str:
        """The version that gomod names."""
        return PLACEHOLDER if self.source == "local" else self.source

    @property
    def replace(self) -> str:
        """The line of project.replaces that takes the module from this repository's folder."""
        return f"{self.module} => {mod_path(relative(self.root, self.host))}"

    def snippet(self) -> str:
        """What to paste where the file cannot be edited safely."""
        imports = [f"{self.module}/{name}" for name in self.plugins] or [self.module]
        entries = [{"gomod": f"{self.module} {self.version}", "import": path} for path in imports]
        value: dict = {"plugins": {self.category or "common": entries}}
        if self.source == "local":
            value["project"] = {"replaces": [self.replace]}
        else:
            value["project"] = {"go_envs": {"GOPRIVATE": self.module}}
        return "\n".join(Writer("").block(value, "    "))


def plan(config: Config, wish: Wish) -> tuple[Edits, list[Entry]]:
    """The edits that fulfil the wish, and the entries of this repository that were there before."""
    edits = Edits()
    ours = [entry for entry in config.entries if is_ours(entry, wish.module)]
    if wish.remove:
        named = {f"{wish.module}/{name}" for name in wish.plugins}
        gone = [entry for entry in ours if not named or entry.imported in named]
        for entry in gone:
            edits.remove(config.groups[entry.category], entry.index)
        if len(gone) == len(ours):  # else some stay as they are, and so does what they need
            plan_project(config, wish, edits, ours, replace=False, private=False)
        return edits, ours
    plan_entries(config, wish, edits, ours)
    plan_project(config, wish, edits, ours, replace=wish.source == "local", private=wish.source != "local")
    return edits, ours


def is_ours(entry: Entry, module: str) -> bool:
    """Whether an entry is of this module: by its gomod, or without one by what it imports."""
    if entry.gomod:
        return entry.module == module
    return entry.imported == module or entry.imported.startswith(f"{module}/")


def plan_entries(config: Config, wish: Wish, edits: Edits, ours: list[Entry]) -> None:
    """Bring the entries of this repository to one version, move them if asked, and add what is missing."""
    gomod = f"{wish.module} {wish.version}"
    for entry in ours:
        if entry.node.kind == "alias":
            config.refuse(entry.node, "the entry is an alias, and cannot be edited safely")
        if wish.category and entry.category != wish.category:
            edits.remove(config.groups[entry.category], entry.index)
            edits.add([{"gomod": gomod, "import": entry.imported}], "plugins", wish.category)
            continue
        if "gomod" in entry.pairs:
            edits.set(entry.pairs["gomod"], gomod)
        else:
            edits.pairs[id(entry.node)] = (entry.node, {"gomod": gomod})
        if "path" in entry.pairs:  # it would make a replace of its own, frozen to this machine
            edits.remove(entry.node, config.position(entry.node, "path"))
    present = {entry.imported for entry in ours}
    wanted = [f"{wish.module}/{name}" for name in wish.plugins] or ([] if ours else [wish.module])
    missing = [path for path in dict.fromkeys(wanted) if path not in present]
    if missing:
        edits.add([{"gomod": gomod, "import": path} for path in missing], "plugins", wish.category or "common")


def plan_project(config: Config, wish: Wish, edits: Edits, ours: list[Entry], replace: bool, private: bool) -> None:
    """Have our replace or not, and have Go treat the module as private or not."""
    wanted = [wish.replace] if replace else []
    for index, item in enumerate(config.sequence(config.replaces, "project.replaces")):
        if config.resolve(item).value.split()[0] == wish.module:
            if wanted:
                edits.set(item, wanted.pop())
            else:
                edits.remove(config.replaces, index)
    if wanted:
        edits.add(wanted, "project", "replaces")

    before = [part for part in config.string(config.goprivate, "GOPRIVATE").split(",") if part]
    if private:
        after = list(dict.fromkeys([*before, *go_private(), wish.module]))
    elif any(entry.version not in ("", PLACEHOLDER) for entry in ours):  # so it is ours; else its user's
        after = [part for part in before if part != wish.module]
    else:
        return
    if after == before:
        return
    if config.goprivate is None:
        edits.add({"GOPRIVATE": ",".join(after)}, "project", "go_envs")
    elif after:
        edits.set(config.goprivate, ",".join(after))
    else:
        edits.remove(config.go_envs, config.position(config.go_envs, "GOPRIVATE"))


def go_private() -> list[str]:
    """The patterns of `go env GOPRIVATE` on this machine; none where Go is missing."""
    import subprocess

    try:
        result = subprocess.run(
            ["go", "env", "GOPRIVATE"], capture_output=True, encoding="utf-8", check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [part.strip() for part in result.stdout.split(",") if part.strip()] if result.returncode == 0 else []


def relative(target: Path, base: Path) -> str:
    """The path of target as go.mod takes it from base: with slashes, beginning with ./ or ../, or absolute."""
    try:
        path = Path(os.path.relpath(target.resolve(), base.resolve())).as_posix()
    except ValueError:  # another drive
        return target.resolve().as_posix()
    if path == "..":
        return "../"  # Go 1.19 takes a bare `..` for a module
    return path if path.startswith("../") else f"./{path}"


def mod_path(path: str) -> str:
    """A path as a token of go.mod: quoted where it must be (golang.org/x/mod/modfile, MustQuote)."""
    if re.search(r"[ ()\[\]{},\"'`]|//|/\*", path) or not path.isprintable():
        return json.dumps(path, ensure_ascii=False)
    return path


# ---- the file


def registration_file(host: Path) -> Path:
    """The file to edit, with symbolic links followed; raises Refusal when it is something that cannot be edited."""
    path = host / FILE
    where = ascii(path.as_posix())
    try:
        if path.is_symlink() and not path.exists():
            raise Refusal(f"{where} is a symbolic link to nothing; remove the link or restore its target")
        target = path.resolve()
        status = target.stat() if target.exists() else None
        folder = target.parent.stat()
    except OSError as error:
        raise Refusal(f"cannot look at {where}: {reason(error)}") from error
    if status is not None:
        if not stat.S_ISREG(status.st_mode):
            raise Refusal(f"{where} is no regular file")
        if not status.st_mode & 0o222:
            raise Refusal(f"{where} is read-only; allow writing: chmod u+w {FILE}")
    if not folder.st_mode & 0o222:
        raise Refusal(f"the folder {target.parent.as_posix()!a} is read-only; allow writing: chmod u+w on it")
    return target


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other registrations out of a file while the block runs.

    The lock is on something that is there anyway and dies with its process, so that none is ever left in the way: on
    the folder, or on Windows, where folders cannot be locked, on a byte far behind the end of the host's go.mod.
    """
    try:
        import fcntl
    except ImportError:
        import msvcrt

        with (path.parent / "go.mod").open("rb") as file:
            while True:
                try:
                    file.seek(2**30)
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after 10 s
                    break
                except OSError:
                    continue
            yield
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_file(path: Path) -> tuple[bytes, str, str]:
    """The bytes of the file, its byte order mark and its text; all empty when it is missing."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return b"", "", ""
    except OSError as error:
        raise Refusal(f"cannot read {path.as_posix()!a}: {reason(error)}") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path.as_posix()!a}, line {line}: it is not UTF-8; convert it first") from error
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return raw, mark, text[len(mark) :]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step, keeping mode and owner: whoever reads it sees all of the old or all of the new.

    Raises Refusal, with the file as it was, when that fails.
    """
    prefix = f".{path.name}."
    unfinished = path.with_name(f"{prefix}{os.getpid()}.tmp")
    try:
        for left in path.parent.glob(f"{prefix}*.tmp"):  # of a registration that was killed; we hold the lock
            left.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if path.exists():  # first of all: git_configs may hold a token
                status = path.stat()
                with contextlib.suppress(OSError, AttributeError):
                    os.chown(unfinished, status.st_uid, status.st_gid)
                unfinished.chmod(stat.S_IMODE(status.st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise Refusal(f"cannot write {path.as_posix()!a}: {reason(error)}; it is as it was") from error
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# ---- go.work


def workspace(wish: Wish) -> str:
    """The text of go.work: this repository, and the checkout's API in place of the version that go.mod pins."""
    go_mod = read_text(wish.root / "go.mod")
    pinned = re.search(rf"^\s*(?:require\s+)?{re.escape(PKG)}\s+(v\S+)", go_mod, re.MULTILINE)
    pkg = mod_path(relative(wish.host / "pkg", wish.root))
    newest = max((go_version(go_mod), go_version(read_text(wish.host / "pkg" / "go.mod"))), key=version_key)
    lines = [MARK, f"go {newest}", "", "use (", "\t.", f"\t{pkg}", ")"]
    if pinned:
        lines += ["", f"replace {PKG} {pinned[1]} => {pkg}"]
    return "\n".join(lines) + "\n"


def go_version(go_mod: str) -> str:
    """The go line of a go.mod; 1.16, as Go assumes, when there is none."""
    match = re.search(r"^go\s+(\S+)", go_mod, re.MULTILINE)
    return match[1] if match else "1.16"


def version_key(version: str) -> tuple[int, ...]:
    """A Go version as something to compare."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def current_workspace(root: Path) -> str | None:
    """The text of go.work, or None without one; raises Refusal when it is not ours."""
    path = root / "go.work"
    if not path.exists():
        return None
    text = read_text(path)
    if not text.startswith(MARK):
        raise Refusal(
            f"{path.as_posix()!a} was not written by register.py; add the checkout there yourself (go work use "
            "CHECKOUT/pkg) or move it away"
        )
    return text


# ---- all together


@dataclass
class Report:
    """What a registration did, or would do."""

    changed: bool
    lines: list[str]
    warnings: list[str]
    diff: str
    stale: bool


def register(
    root: Path,
    host: Path,
    source: str = "local",
    plugins: Iterable[str] = (),
    category: str = "",
    remove: bool = False,
    write: bool = True,
) -> Report:
    """Register the repository at root in a host checkout, or with remove take it out again.

    source: local, latest or a version. plugins: folders to import one by one instead of the whole module.
    category: where the entries go; empty for where they are, or common. write: False only looks.
    Raises Refusal, with everything as it was, when that cannot be done.
    """
    check_host(host)
    wish = Wish(root.resolve(), host.resolve(), module_path(root), source, tuple(plugins), category, remove)
    found = packages(root)
    check_wish(wish, found)
    path = registration_file(wish.host)
    try:
        with locked(path):
            return carry_out(wish, path, found, write)
    except OSError as error:
        raise Refusal(f"{reason(error)}: {str(error.filename)!a}; nothing was changed") from error


def check_wish(wish: Wish, found: dict[str, list]) -> None:
    """Raise Refusal when something is asked for that cannot be."""
    if wish.category and wish.category not in CATEGORIES:
        raise Refusal(f"no category {wish.category!a}; there are: {', '.join(CATEGORIES)}")
    if wish.source not in ("local", "latest"):
        match = VERSION.fullmatch(wish.source)
        if not match or wish.source == PLACEHOLDER:
            raise Refusal(f"{wish.source!a} is neither local, latest nor a published version; right: v1.2.0")
        major = re.search(r"(?:/v|^gopkg\.in/.*\.v)(\d+)$", wish.module)
        fits = match[1] == major[1] if major else int(match[1]) < 2 or bool(match[6])
        if not fits:
            raise Refusal(
                f"{wish.source!a} does not fit the module {wish.module!a}: from v2 on, the path of a module ends in "
                f"its major version; right: {f'v{major[1]}.0.0' if major else 'v1.2.0'}"
            )
    if not wish.remove:
        for name in wish.plugins:
            if name not in found:
                raise Refusal(f"no plugin {name!a} in this repository; there are: {', '.join(found) or 'none'}")


def carry_out(wish: Wish, path: Path, found: dict[str, list], write: bool) -> Report:
    """Read, plan, edit, check and write, while the lock is held."""
    raw, mark, text = read_file(path)
    try:
        config = Config(text)
        edits, ours = plan(config, wish)
        new_text = apply(text, config.root, edits)
        if new_text != text:
            check_result(config, edits, new_text)
    except Refusal as refusal:
        raise Refusal(
            f"{path.as_posix()!a}: {refusal}. Nothing was changed; mend it, or edit it yourself, so that it has:\n"
            f"{wish.snippet()}"
        ) from refusal
    except RecursionError as error:
        raise Refusal(f"{path.as_posix()!a}: it is nested too deeply") from error
    left = remaining(config, edits, wish)
    old_work = current_workspace(wish.root)
    new_work = None if wish.remove and not left else old_work if wish.remove else workspace(wish)
    changed = new_text != text or new_work != old_work
    if write and changed:
        write_all(wish, path, raw, (mark + new_text).encode(), old_work, new_work)
    stale = stale_entries(wish, left, found)
    return Report(
        changed,
        [told(wish, path, changed, new_text != text, bool(ours))],
        [*stale, *warnings(wish, found)] if not wish.remove else stale,
        difference(path, text, new_text) + difference(wish.root / "go.work", old_work or "", new_work or ""),
        bool(stale),
    )


def check_result(config: Config, edits: Edits, new_text: str) -> None:
    """Raise Refusal unless the new text says exactly what was meant."""
    expected = data(config.root, edits, edits.added)
    root, _ = parse(new_text)
    if data(root, Edits()) != expected:
        raise Refusal("it cannot be edited safely: the result would not say what was meant")


def remaining(config: Config, edits: Edits, wish: Wish) -> set[str]:
    """What the host imports of this module after the edits."""
    kept = set()
    for entry in config.entries:
        _, gone = edits.removed.get(id(config.groups[entry.category]), (None, set()))
        if is_ours(entry, wish.module) and entry.index not in gone:
            kept.add(entry.imported)
    added = edits.added.get("plugins", {})
    return kept | {item["import"] for items in added.values() for item in items}


def write_all(wish: Wish, path: Path, raw: bytes, content: bytes, old_work: str | None, new_work: str | None) -> None:
    """Write go.work and then the host's file, which counts; when that fails, go.work is as it was."""
    work = wish.root / "go.work"

    def put(text: str | None) -> None:
        if text is None:
            work.unlink(missing_ok=True)
        else:
            replace_file(work, text.encode())

    if new_work != old_work:
        put(new_work)
    if content != raw:
        try:
            if read_file(path)[0] != raw:  # an editor takes no lock
                raise Refusal(f"{path.as_posix()!a} was changed by somebody else meanwhile; run the same again")
            replace_file(path, content)
        except Refusal:
            put(old_work)
            raise


def stale_entries(wish: Wish, left: set[str], found: dict[str, list]) -> list[str]:
    """A line for every entry that imports a folder which is no plugin any more."""
    lines = []
    for imported in sorted(left):
        name = imported.removeprefix(f"{wish.module}/")
        if imported != wish.module and name not in found:
            lines.append(
                f"stale entry: the host imports {imported}, but {name} registers no plugin here; remove it with: "
                f"python3 register.py --remove --plugin {name}"
            )
    return lines


def warnings(wish: Wish, found: dict[str, list]) -> list[str]:
    """What the user should know about the host and this registration."""
    from shutil import which

    lines = []
    inside = wish.root.is_relative_to(wish.host)
    if wish.source == "local" and not inside:
        lines.append(
            "the repository lies outside the host checkout, so `make all` there, which builds in Docker, cannot see "
            "it; build with `make plugin_main` or `make plugin_local`, publish it, or move it into the checkout"
        )
    wanted = wish.replace.partition(" => ")[2] if wish.source == "local" else None
    for replaced in replaces_in_go_mod(wish):
        if replaced != wanted:
            lines.append(
                f"the host's go.mod still replaces {wish.module} by {ascii(replaced)[1:-1]}, from an earlier "
                f"registration, and the build will fail or use that; mend it with: git -C {shown(wish.host)} checkout "
                "go.mod go.sum"
            )
    if wish.source != "local" and not which("go"):
        lines.append("go is not on the PATH, so what it has as GOPRIVATE on this machine was not taken over")
    types = [r.type for registered in found.values() for r in registered] + [r.type for r in registrations(wish.root)]
    for type_, file in taken(wish.host, types, own=wish.root).items():
        lines.append(
            f"the host registers the type {type_} too, in {shown(file)}, and one of the two will silently win; "
            "rename yours"
        )
    return lines


def replaces_in_go_mod(wish: Wish) -> list[str]:
    """What the host's go.mod replaces this module by; more than one only in a broken file."""
    pattern = rf"^\s*(?:replace\s+)?\"?{re.escape(wish.module)}\"?(?:\s+v\S+)?\s+=>\s+(.+?)\s*(?://.*)?$"
    return re.findall(pattern, read_text(wish.host / "go.mod"), re.MULTILINE)


def told(wish: Wish, path: Path, changed: bool, file_changed: bool, was_there: bool) -> str:
    """One line on what was done."""
    where = shown(path)
    if wish.remove:
        what = "removed from" if changed else "is not in"
        return f"{wish.module} {what} {where}"
    how = f"local, {relative(wish.root, wish.host)}" if wish.source == "local" else wish.source
    if not changed:
        return f"{wish.module} is registered in {where} already ({shown(how)})"
    verb = "updated" if was_there and file_changed else "registered"
    return f"{wish.module} {verb} in {where} ({shown(how)}); go.work links the checkout"


def shown(value: object) -> str:
    """A path or text as a message shows it: in ASCII."""
    return ascii(value.as_posix() if isinstance(value, Path) else str(value))[1:-1]


def difference(path: Path, old: str, new: str) -> str:
    """A unified diff, empty when nothing differs."""
    if old == new:
        return ""
    import difflib

    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), path.as_posix(), path.as_posix()
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def registered(host: Path, module: str) -> list[Entry]:
    """The entries of a module in a host's external_plugins.yml; raises Refusal when the file cannot be read."""
    _, _, text = read_file(registration_file(host))
    try:
        return [entry for entry in Config(text).entries if is_ours(entry, module)]
    except Refusal as refusal:
        raise Refusal(f"{(host / FILE).as_posix()!a}: {refusal}") from refusal


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    import argparse

    parser = argparse.ArgumentParser(prog="register.py", description="Introduce this repository to a host checkout.")
    parser.add_argument(
        "host", nargs="?", metavar="HOST", help="the checkout; default: LOONGCOLLECTOR_HOME, ../loongcollector"
    )
    parser.add_argument("--source", default="local", help="local (default), latest, or a version such as v1.2.0")
    parser.add_argument(
        "--plugin", action="append", default=[], metavar="NAME", help="import only this plugin; repeatable"
    )
    parser.add_argument("--category", choices=CATEGORIES, default="", help="where the entry goes; default: common")
    parser.add_argument("--remove", action="store_true", help="take the entries, or those of --plugin, out again")
    parser.add_argument("--dry-run", action="store_true", help="print what would change as a diff; change nothing")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when not registered as asked")
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent
    try:
        base = Path.cwd() if options.host else root
        host = find_host(options.host, base)
        if host is None:
            raise Refusal("no host checkout is known; name it: make register LOONGCOLLECTOR_HOME=~/loongcollector")
        write = not (options.dry_run or options.check)
        report = register(
            root, host, options.source, options.plugin, options.category, remove=options.remove, write=write
        )
    except Refusal as refusal:
        print(f"register.py: {refusal}", file=sys.stderr)
        return 2
    except ImportError:
        print("register.py: PyYAML is not installed for this Python; run: pip install PyYAML", file=sys.stderr)
        return 2
    for warning in report.warnings:
        print(f"register.py: warning: {warning}", file=sys.stderr)
    if options.check:
        if report.changed or report.stale:
            print("register.py: not registered as asked; run: make register", file=sys.stderr)
            return 1
        print(report.lines[0])
        return 0
    if options.dry_run:
        sys.stdout.write(report.diff)
        return 0
    print("\n".join(report.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
