"""register.py and documents of every style: whatever is in the file, only ours comes and goes.

The documents are drawn piece by piece: block and flow, any indentation, comments anywhere, quotes, Chinese text,
anchors and aliases elsewhere, both line ends, byte order marks, null and empty containers, entries of others.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import TEMPLATE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registering import MODULE, make_host, make_repository, register

OTHER_MODULES = ["corp.example/x", "corp.example/x/y", "my-repo.com/a/bc", "my-repo.com/a", "github.com/acme/z/v2"]
COMMENTS = [
    "# theirs",
    "#",
    "# 别动",
    "#\tafter a tab",
    "# - gomod: my-repo.com/a/b v9.9.9",
    '# "quotes" {[,',
]
CATEGORIES = ["common", "linux", "windows", "debug"]


class Drawn:
    """A document while it is drawn: how it looks is chosen here, what it says by the caller."""

    def __init__(self, draw, explicit_nulls: bool) -> None:
        self.draw = draw
        self.nulls = ["", "~", "null"] if explicit_nulls else [""]

    def one(self, choices):
        """One of the choices."""
        return self.draw(st.sampled_from(choices))

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.draw(st.integers(1, 100)) <= percent

    def noise(self, indent: int) -> list[str]:
        """Sometimes comments and blank lines."""
        if not self.chance(20):
            return []
        return [self.one(["", " " * indent + self.one(COMMENTS), self.one(COMMENTS), "   " + self.one(COMMENTS)])]

    def behind(self) -> str:
        """Sometimes a comment at the end of a line."""
        return "  " + self.one(COMMENTS) if self.chance(15) else self.one(["", "", " "])

    def scalar(self, text: str, flow: bool = False) -> str:
        """A text in one of its forms."""
        forms = [f"'{text}'", json.dumps(text, ensure_ascii=False)]
        if not flow or not set(text) & set(",[]{}"):
            forms += [text] * 3
        return self.one(forms)

    def flow(self, value) -> str:
        """A value in flow style."""
        space = self.one(["", " "])
        if isinstance(value, dict):
            inner = self.one([", ", ","]).join(f"{key}: {self.flow(item)}" for key, item in value.items())
            return f"{{{space}{inner}{space}}}"
        if isinstance(value, list):
            inner = self.one([", ", " , "]).join(map(self.flow, value))
            return f"[{space}{inner}{space}]"
        return self.scalar(value, flow=True)

    def empty(self, value) -> str:
        """An empty container, or a null in its place."""
        return self.one(
            [*self.nulls, "[]" if isinstance(value, list) else "{}", "[ ]" if isinstance(value, list) else "{ }"]
        )

    def pairs(self, value: dict, indent: int, first: str = "") -> list[str]:
        """A mapping in block style; first stands before its first key."""
        lines = []
        for key, item in value.items():
            lead = first if first and not lines else " " * indent
            head = f"{lead}{key}:"
            if not (first and not lines):
                lines += self.noise(indent)
            if isinstance(item, str):
                lines.append(f"{head} {self.scalar(item)}{self.behind()}")
            elif not item:
                lines.append(f"{head} {self.empty(item)}".rstrip() + self.behind())
            elif self.chance(20):
                lines.append(f"{head} {self.flow(item)}{self.behind()}")
            elif isinstance(item, dict):
                lines += [head + self.behind(), *self.pairs(item, indent + self.one([1, 2, 4]))]
            else:
                lines += [head + self.behind(), *self.items(item, indent + self.one([0, 2, 3]))]
        return lines

    def items(self, value: list, indent: int) -> list[str]:
        """A sequence in block style."""
        dash = "-" + " " * self.one([1, 1, 1, 3])
        lines = []
        for item in value:
            lines += self.noise(indent)
            if isinstance(item, str):
                lines.append(f"{' ' * indent}{dash}{self.scalar(item)}{self.behind()}")
            elif self.chance(20):
                lines.append(f"{' ' * indent}{dash}{self.flow(item)}{self.behind()}")
            else:
                lines += self.pairs(item, indent + len(dash), first=f"{' ' * indent}{dash}")
        return lines


def others(draw) -> dict:
    """An entry of another module."""
    module = draw(st.sampled_from(OTHER_MODULES))
    entry = {"gomod": f"{module} {draw(st.sampled_from(['v1.2.3', 'latest', 'v0.0.0']))}", "import": f"{module}/plugin"}
    kept = draw(st.sampled_from([("gomod", "import"), ("import",), ("gomod",), ("import", "gomod")]))
    return {key: entry[key] for key in kept} | draw(st.sampled_from([{}, {}, {"path": "../z"}]))


@st.composite
def documents(draw, containers: bool = False, explicit_nulls: bool = True) -> bytes:
    """A document that the builder accepts, without anything of ours; with containers, it has all that we fill."""
    drawn = Drawn(draw, explicit_nulls)
    value: dict = {}
    if containers or drawn.chance(80):
        names = [
            name for name in draw(st.permutations(CATEGORIES)) if (containers and name == "common") or drawn.chance(50)
        ]
        value["plugins"] = {name: [others(draw) for _ in range(drawn.one([0, 1, 1, 2, 3]))] for name in names}
    if containers or drawn.chance(60):
        project: dict = {}
        for name in draw(st.permutations(["replaces", "go_envs", "git_configs"])):
            if not containers and drawn.chance(40):
                continue
            if name == "replaces":
                project[name] = [f"{drawn.one(OTHER_MODULES)} => ../{i}" for i in range(drawn.one([0, 1, 2]))]
            elif name == "go_envs":
                project[name] = {"GOPROXY": "direct"} if drawn.chance(50) else {}
                project[name] |= {"GOPRIVATE": "corp.example,x.example"} if drawn.chance(50) else {}
            else:
                project[name] = {"core.autocrlf": "false"} if drawn.chance(50) else {}
        value["project"] = project
    for key, item in (("notes", "插件"), ("extra", {"a": ["1", "2"], "b": {}})):
        if drawn.chance(25):
            value[key] = item
    order = draw(st.permutations(list(value)))
    lines = [*drawn.noise(0), *drawn.pairs({key: value[key] for key in order}, 0), *drawn.noise(0)]
    if drawn.chance(20):
        lines += ["base: &base", "  a: b", "again: *base", "merged:", "  <<: *base"]
    if drawn.chance(15):
        lines.insert(0, "---")
    lines += drawn.noise(0)
    newline = drawn.one(["\n", "\n", "\r\n"])
    text = newline.join(lines) + (newline if drawn.chance(80) else "")
    return (drawn.one(["", "", "\ufeff"]) + text).encode()


OPERATIONS = st.one_of(
    st.builds(dict, source=st.sampled_from(["local", "local", "latest", "v1.2.0", "v0.3.1-rc.1"])),
    st.builds(
        dict, source=st.sampled_from(["local", "latest"]), plugins=st.lists(st.sampled_from(["one", "two"]), max_size=2)
    ),
    st.builds(dict, source=st.just("local"), category=st.sampled_from(CATEGORIES)),
    st.builds(dict, remove=st.just(True)),
    st.builds(dict, remove=st.just(True), plugins=st.lists(st.sampled_from(["one", "two"]), min_size=1, max_size=1)),
)
EVERY = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A repository with the plugins one and two."""
    return make_repository(tmp_path_factory.mktemp("property") / "repo")


@pytest.fixture(scope="module")
def host(repository) -> Path:
    """A host beside it."""
    return make_host(repository.parent / "host")


@pytest.fixture(autouse=True)
def _no_go_settings(monkeypatch) -> None:
    """Keep this machine's GOPRIVATE out, and a process for each registration, too."""
    monkeypatch.setattr(register, "go_private", list)


def load(content: bytes) -> dict:
    """What a document says; empty containers are None."""

    def tidy(value):
        if isinstance(value, dict):
            value = {key: tidy(item) for key, item in value.items()}
        elif isinstance(value, list):
            value = [tidy(item) for item in value]
        return None if value in ("~", "null") else value or None

    return tidy(yaml.load(content.decode("utf-8-sig"), yaml.BaseLoader)) or {}  # noqa: S506 (it makes only strings)


def split(content: bytes) -> tuple[dict, list, list, list]:
    """What a document says of others, and of ours: entries with their category, replaces, private patterns."""
    value = load(content)
    plugins, project = value.get("plugins") or {}, value.get("project") or {}
    ours, theirs = [], {}
    for category, entries in plugins.items():
        for entry in entries or []:
            if entry.get("gomod", "").split(" ")[0] == MODULE:
                ours.append((category, entry))
            else:
                theirs.setdefault(category, []).append(entry)
    replaces = project.get("replaces") or []
    environment = dict(project.get("go_envs") or {})
    private = [part for part in (environment.pop("GOPRIVATE", None) or "").split(",") if part]
    rest = {key: item for key, item in value.items() if key not in ("plugins", "project")}
    other = {
        "plugins": theirs,
        "replaces": [line for line in replaces if line.split()[0] != MODULE],
        "git_configs": project.get("git_configs"),
        "go_envs": environment,
        "private": [part for part in private if part != MODULE],
        "rest": rest,
    }
    return (
        other,
        ours,
        [line for line in replaces if line.split()[0] == MODULE],
        [part for part in private if part == MODULE],
    )


def expected_after(state: dict[str, str], operation: dict) -> tuple[dict[str, str], str | None]:
    """Our imports with their categories after an operation on those of before, and the version they then have."""
    plugins = [f"{MODULE}/{name}" for name in dict.fromkeys(operation.get("plugins", []))]
    state = dict(state)
    if operation.get("remove"):
        return {path: at for path, at in state.items() if plugins and path not in plugins}, None
    category = operation.get("category", "")
    if category:
        state = dict.fromkeys(state, category)
    for path in plugins or ([] if state else [MODULE]):
        state.setdefault(path, category or "common")
    source = operation["source"]
    return state, "v0.0.0" if source == "local" else source


def is_subsequence(shorter, longer) -> bool:
    """Whether all of one comes in the other, in order."""
    rest = iter(longer)
    return all(item in rest for item in shorter)


@pytest.mark.slow
@EVERY
@given(documents(explicit_nulls=False), st.lists(OPERATIONS, min_size=1, max_size=5))
def test_whatever_is_done_only_ours_changes(repository, host, document, operations):
    path = host / "external_plugins.yml"
    path.write_bytes(document)
    (repository / "go.work").unlink(missing_ok=True)
    theirs, *_ = split(document)
    state: dict[str, str] = {}
    version = None
    for operation in operations:
        register.register(repository, host, **operation)
        content = path.read_bytes()
        state, new_version = expected_after(state, operation)
        version = new_version or version
        other, ours, replaces, private = split(content)
        assert other == theirs
        assert {entry["import"]: category for category, entry in ours} == state and len(ours) == len(state)
        assert all(entry["gomod"] == f"{MODULE} {version}" for _, entry in ours)
        assert replaces == ([f"{MODULE} => ../repo"] if state and version == "v0.0.0" else [])
        assert private == ([MODULE] if state and version != "v0.0.0" else [])
        assert is_subsequence(document.decode(), content.decode())
        assert content.count(b"\r\n") == content.count(b"\n") or b"\r\n" not in document
        before = path.stat().st_mtime_ns
        assert not register.register(repository, host, **operation).changed
        assert path.stat().st_mtime_ns == before


@pytest.mark.slow
@EVERY
@given(documents(containers=True, explicit_nulls=False), st.lists(OPERATIONS, min_size=1, max_size=4))
def test_removing_gives_the_original_bytes_back(repository, host, document, operations):
    path = host / "external_plugins.yml"
    path.write_bytes(document)
    categories = set(load(document).get("plugins") or {})
    for operation in operations:
        if operation.get("category", "common") in categories | {"common"}:
            register.register(repository, host, **operation)
    register.register(repository, host, remove=True)
    assert path.read_bytes() == document
    assert not (repository / "go.work").exists()


@pytest.mark.slow
@EVERY
@given(documents(), OPERATIONS.filter(lambda operation: not operation.get("remove")))
def test_removing_leaves_at_most_empty_containers(repository, host, document, operation):
    path = host / "external_plugins.yml"
    path.write_bytes(document)
    register.register(repository, host, **operation)
    register.register(repository, host, remove=True)

    def without_empty(value):
        if isinstance(value, dict):
            value = {key: without_empty(item) for key, item in value.items()}
            return {key: item for key, item in value.items() if item is not None} or None
        return value

    assert without_empty(load(path.read_bytes())) == without_empty(load(document))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory):
    """Ask yaml.v3, with the builder's structures, what a file lists."""
    program = tmp_path_factory.mktemp("decoder") / ("decoder.exe" if os.name == "nt" else "decoder")
    source = TEMPLATE / "tests" / "decoder"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=source, check=True)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:

        def ask(path: Path) -> dict:
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "error" not in answer, answer
            return answer["config"]

        yield ask
        process.stdin.close()


@pytest.mark.go
@pytest.mark.slow
@EVERY
@given(documents(), OPERATIONS.filter(lambda operation: not operation.get("remove")))
def test_the_hosts_own_decoder_sees_the_same_entries_plus_ours(repository, host, decoder, document, operation):
    path = host / "external_plugins.yml"
    path.write_bytes(document)
    before = decoder(path)
    register.register(repository, host, **operation)
    after = decoder(path)
    state, version = expected_after({}, operation)
    for category in CATEGORIES:
        ours = [path for path, at in state.items() if at == category]
        added = [{"gomod": f"{MODULE} {version}", "import": path, "path": ""} for path in ours]
        assert (after["plugins"][category] or []) == (before["plugins"][category] or []) + added
    local = version == "v0.0.0"
    replaces = (before["project"]["replaces"] or []) + ([f"{MODULE} => ../repo"] if local else [])
    assert (after["project"]["replaces"] or []) == replaces
    assert after["project"]["git_configs"] == before["project"]["git_configs"]
    environment = dict(before["project"]["go_envs"] or {})
    if not local:
        environment["GOPRIVATE"] = ",".join(filter(None, [environment.get("GOPRIVATE"), MODULE]))
    assert (after["project"]["go_envs"] or {}) == environment
