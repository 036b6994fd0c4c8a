#!/usr/bin/env python3
"""Run a plugin in the host's real agent, or verify that it prints what its README promises.

    python run.py [PLUGIN] [--pipeline v1|v2]             run until Ctrl-C; the events appear on the terminal
    python run.py --verify [PLUGIN] [--pipeline v1|v2]    compare them with the README; without PLUGIN, every plugin

The agent is the pure-Go one of the host checkout (its plugin_main), with every plugin of this repository and those
plugins of the host that the sample pipelines name. It is built by one `go build` that reads the checkout and writes
nothing there: a copy of its go.mod that knows this repository (-modfile) and the list of plugins (-overlay) lie in
`.loong/`. The host's own tools/builder is left out on purpose. It would rewrite plugins/all and go.mod, and fetch all
that any plugin, test or other registered repository needs; the whole list of plugins would also bring flusher_sls,
which links a library that exists for a few machines only. What the builder does with external_plugins.yml is checked
by `make register` and by building the host.

Exit codes: 0 done, or ended by Ctrl-C; 1 --verify found something else than promised, or the agent did not stop in
time; 2 an error.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from all import Refusal, is_constrained, module_path, packages, read_text, reason, refresh, registrations, write_text
from checkout import check_host, find_host
from register import locked

VERSIONS = ("v1", "v2")
SCRATCH = ".loong"  # hidden: Go and all.py leave it out; git-ignored
STOP_SECONDS = 10  # the host gives a pipeline 30 s to stop; a plugin that is right needs far less
DEADLINE_SECONDS = 30.0

# The sections of a pipeline, and the kinds of plugin the host looks up for each: pluginmanager/logstore_config.go
SECTIONS = {
    "inputs": ("metric", "service"),
    "processors": ("processor",),
    "aggregators": ("aggregator",),
    "flushers": ("flusher",),
    "extensions": ("extension",),
}
# The host adds aggregator_default to a pipeline without an aggregator; flusher_stdout serves its own pipelines.
ALWAYS = {("aggregators", "aggregator_default"), ("flushers", "flusher_stdout")}
GENERATED = ("all.go", "all_linux.go", "all_windows.go", "all_debug.go")  # tools/builder writes them to plugins/all

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(\w+)\] ")
REFUSED = re.compile(r"load config error,.*\serror:(.*\S)")
# The host logs the first for every aggregator of a v2 pipeline, and the second after it has refused a pipeline.
NOISE = re.compile("METRIC_INPUT_V2_START_FAILURE|start fail, config is")
EVENT = re.compile(r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?(\{.*\})\s*")  # flusher_stdout puts date and time in front


@dataclass(frozen=True)
class Sample:
    """A sample pipeline of a plugin of this repository."""

    plugin: str  # its folder, relative to the repository, with slashes
    version: str  # v1 or v2
    path: Path
    used: frozenset[tuple[str, str]]  # section and type, as the pipeline names them

    def __str__(self) -> str:
        return f"{self.plugin}/{self.path.name}"


# ---- the sample pipelines


def samples(root: Path, plugin: str = "", version: str = "") -> list[Sample]:
    """The sample pipelines of the repository, of one plugin (its folder or type) and version where these are given.

    Raises Refusal when there is none, or one cannot work: the host would start without a misspelt input and be silent.
    """
    found = packages(root)
    if plugin:
        names = {name for name, registered in found.items() if plugin in (name, *(r.type for r in registered))}
        if not names:
            raise Refusal(f"no plugin {plugin!a} in this repository; there are: {', '.join(found) or 'none'}")
        found = {name: found[name] for name in sorted(names)}
    result = []
    for name, registered in found.items():
        for wanted in [version] if version else VERSIONS:
            path = root / name / f"pipeline_{wanted}.json"
            if path.is_file():
                used = frozenset(read_pipeline(path, wanted, f"{name}/{path.name}"))
                types = {r.type for r in registered}  # empty for one that the source does not spell out
                if not types & {"", *(type_ for _, type_ in used)}:
                    names = " or ".join(sorted(types))
                    raise Refusal(f"{name}/{path.name} does not use the plugin: it names no {names}")
                result.append(Sample(name, wanted, path, used))
    if not result:
        asked = f"{plugin or 'any plugin'}/pipeline_{version or 'v1'}.json"
        raise Refusal(f"no sample pipeline {asked}; every plugin made by `make plugin` has one to copy")
    return result


def section(kind: str) -> str:
    """The section of a pipeline that holds plugins of a kind."""
    return next(name for name, kinds in SECTIONS.items() if kind in kinds)


def read_pipeline(path: Path, version: str, name: str) -> Iterable[tuple[str, str]]:
    """Yield section and type of every plugin in a pipeline; raises Refusal where the host would refuse its form."""
    try:
        pipeline = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise Refusal(f"{name}, line {error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(pipeline, dict):
        raise Refusal(f"{name} holds no JSON object")
    settings = pipeline.get("global")
    structure = settings.get("StructureType", "v1") if isinstance(settings, dict) else "v1"
    if str(structure).lower() != version:
        raise Refusal(f'{name} would run as {structure!a}; right, in its "global" object: "StructureType": "{version}"')
    for part in SECTIONS:
        plugins = pipeline.get(part, [])
        if not isinstance(plugins, list):
            raise Refusal(f'{name}: "{part}" is no list')
        for plugin in plugins:
            if not isinstance(plugin, dict) or not isinstance(plugin.get("type"), str):
                raise Refusal(f'{name}: an element of "{part}" is no object with a "type"')
            yield part, plugin["type"].split("/")[0]  # the rest is an alias


# ---- building the agent


def build_agent(root: Path, host: Path, wanted: list[Sample]) -> Path:
    """Build the agent of the host with the plugins of this repository; return the program.

    wanted: the samples that must work in it; a type that neither side registers is refused.
    Raises Refusal when something is missing or Go fails; what Go says is on the terminal by then.
    """
    if refresh(root, check=True):
        raise Refusal("all.go is out of date, so the agent would lack a plugin; run: make all")
    imports = sorted({*host_imports(root, host, wanted), module_path(root)})
    scratch = root / SCRATCH
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    agent = scratch / ("agent.exe" if os.name == "nt" else "agent")
    first = "" if agent.exists() else "; the first time it takes minutes"
    print(f"run.py: building the agent of {host}{first}", file=sys.stderr)
    with locked(scratch):  # two at once would write the same files
        lines = ["package all", "", *(f"import _ {json.dumps(path)}" for path in imports), ""]
        write_text(scratch / "all.go", "\n".join(lines))
        overlay = {str(host / "plugins" / "all" / name): "" for name in GENERATED}  # empty: as if it were not there
        overlay[str(host / "plugins" / "all" / "all.go")] = str(scratch / "all.go")
        write_text(scratch / "overlay.json", json.dumps({"Replace": overlay}, indent=1))
        write_mod_file(root, host)
        files = [f"-modfile={scratch / 'agent.mod'}", f"-overlay={scratch / 'overlay.json'}"]
        options = ["-mod=mod", "-buildvcs=false", "-o", str(agent)]
        failed = go(host, "build", *files, *options, "./plugin_main", GOTMPDIR=str(scratch / "tmp")) != 0
    if failed:
        compiler = next(filter(shutil.which, filter(None, (os.environ.get("CC"), "gcc", "clang"))), None)
        hint = "" if compiler else " The agent needs cgo, and so a C compiler (gcc or clang), and none is in PATH."
        raise Refusal(
            f"the agent does not build; what Go says is above.{hint} When it is about this repository, see: make test; "
            f"when it is about the host, see whether it builds without it: cd {host} && make plugin_main"
        )
    return agent


def host_imports(root: Path, host: Path, wanted: list[Sample]) -> set[str]:
    """The import paths of the host's packages that the samples need.

    Those of the other samples are among them, so that one agent fits all, and all extensions: plugins fetch them by
    names that need not stand in the pipeline. Raises Refusal for a type in the wanted samples that neither side
    registers, or not for that section.
    """
    used = {use: sample for sample in reversed(wanted) for use in sample.used}
    ours = {(section(r.kind), r.type) for registered in packages(root).values() for r in registered}
    ours |= {(section(r.kind), r.type) for r in registrations(root)}
    needed = (set(used) | named_anywhere(root) | ALWAYS) - ours
    literals = b"|".join(re.escape(type_.encode()) for _, type_ in sorted(needed))
    theirs = host_plugins(host, re.compile(b'"(' + literals + b')"'))
    unreadable = {part for part, type_ in ours if not type_}  # some type that the source does not spell out
    for part, type_ in sorted(set(used) - ours - set(theirs)):
        if part not in unreadable:
            refuse_type(part, type_, used[part, type_], ours | set(host_plugins(host, re.compile(b""))), host)
    return {path for use, paths in theirs.items() if use in needed or use[0] == "extensions" for path in paths}


def named_anywhere(root: Path) -> set[tuple[str, str]]:
    """Section and type of all plugins that the repository's sample pipelines name, as far as they can be read."""
    found: set[tuple[str, str]] = set()
    for plugin in packages(root):
        for version in VERSIONS:
            with contextlib.suppress(Refusal):
                name = f"{plugin}/pipeline_{version}.json"
                uses = set(read_pipeline(root / name, version, name))
                if built_here(root, plugin):  # else it may need plugins of the host that are not built here, either
                    found |= uses
    return found


def host_plugins(host: Path, pattern: re.Pattern[bytes]) -> dict[tuple[str, str], set[str]]:
    """The host's plugins in folders with a source that fits the pattern, and its extensions.

    Section and type -> the import paths of the packages that register it.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for folder, _, files in os.walk(host / "plugins"):
        path = Path(folder)
        sources = (path / name for name in files if name.endswith(".go") and not name.endswith("_test.go"))
        if path.parent.name == "extension" or any(pattern.search(source.read_bytes()) for source in sources):
            for r in registrations(path):
                imported = f"{module_path(host)}/{path.relative_to(host).as_posix()}"
                found.setdefault((section(r.kind), r.type), set()).add(imported)
    return found


def refuse_type(part: str, type_: str, sample: Sample, known: set[tuple[str, str]], host: Path) -> NoReturn:
    """Raise the Refusal for a type in a pipeline that nobody registers."""
    elsewhere = sorted(other for other, name in known if name == type_)
    close = difflib.get_close_matches(type_, sorted(name for other, name in known if other == part), n=1)
    if elsewhere:
        why = f"it belongs in {elsewhere[0]!a}"
    else:
        why = f"neither this repository nor {host} registers it" + (f" (did you mean {close[0]!a}?)" if close else "")
    raise Refusal(f"{sample}: unknown type {type_!a} in {part!a}: {why}. The host may start without it and say nothing")


def write_mod_file(root: Path, host: Path) -> None:
    """Write the agent's mod file and its checksums: the host's, and this repository in its place on this machine."""
    module, scratch = module_path(root), root / SCRATCH
    write_text(scratch / "agent.mod", read_text(host / "go.mod"))
    # With the require, Go need not search all the host's requirements for our packages.
    major = re.search(r"[/.]v([1-9][0-9]*)$", module)
    edits = [f"-require={module}@v{major[1] if major else 0}.0.0", f"-replace={module}={root}"]
    if go(host, "mod", "edit", *edits, str(scratch / "agent.mod")) != 0:
        raise Refusal(f"cannot edit a copy of {host / 'go.mod'}; what Go says is above")
    sums = [path for path in (host / "go.sum", root / "go.sum", scratch / "agent.sum") if path.is_file()]
    lines = {line for path in sums for line in read_text(path).splitlines() if line}
    write_text(scratch / "agent.sum", "".join(f"{line}\n" for line in sorted(lines)))


def go(folder: Path, *arguments: str, **variables: str) -> int:
    """Run Go in a folder, outside any workspace; return its exit code."""
    environment = os.environ | {"GOWORK": "off", "PWD": str(folder)} | variables
    return subprocess.run(["go", *arguments], cwd=folder, env=environment, check=False).returncode


def built_here(root: Path, plugin: str) -> bool:
    """Whether the plugin exists on this platform: whether Go builds a file that registers it."""
    files = [r.file for r in packages(root)[plugin]]
    if not all(is_constrained(file.name, read_text(file)) for file in files):
        return True
    command = ["go", "list", "-find", "-json=GoFiles,CgoFiles", f"./{plugin}"]
    result = subprocess.run(
        command, cwd=root, env=os.environ | {"GOWORK": "off"}, capture_output=True, encoding="utf-8", check=False
    )
    built = json.loads(result.stdout or "null") or {}
    return any(file.name in built.get("GoFiles", []) + built.get("CgoFiles", []) for file in files)


# ---- running the agent


class Tail:
    """The whole lines that are added to a file, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0

    def lines(self) -> list[str]:
        """The lines that came since the last call."""
        if not self.path.is_file():
            return []
        with self.path.open("rb") as file:
            file.seek(self.offset)
            added = file.read()
        added = added[: added.rfind(b"\n") + 1]
        self.offset += len(added)
        return added.decode(errors="replace").splitlines()


def problems(lines: Iterable[str]) -> list[str]:
    """Those lines of the host's log that tell of a warning or an error, with what belongs to them."""
    found = []
    shown = False
    for line in lines:
        level = LOG_LINE.match(line)
        if level:
            shown = level[1] in ("WRN", "ERR", "CRT") and not NOISE.search(line)
        if shown:
            found.append(line)
    return found


def log_file(root: Path, sample: Sample) -> Path:
    """Where the agent logs while it runs a sample; its working folder is two folders up."""
    return root / SCRATCH / "run" / f"{sample.plugin.replace('/', '-')}-{sample.version}" / "log" / "go_plugin.LOG"


def fresh_folder(root: Path, sample: Sample) -> Path:
    """Make the folder that the agent runs a sample in anew, with what the host wants to find there."""
    folder = log_file(root, sample).parents[1]
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("conf", "data", "log"):
        (folder / name).mkdir(parents=True)
    # Without it, the host's own pipeline for containers wants flusher_sls, and the agent ends.
    write_text(folder / "default_flusher.json", '{"type": "flusher_stdout", "detail": {}}\n')
    return folder


def run_agent(
    root: Path, agent: Path, sample: Sample, capture: bool, done: Callable[[list[str]], bool]
) -> tuple[list[str], bool]:
    """Run the agent on a sample until done, which gets what was printed so far, or until Ctrl-C; then stop it.

    capture: keep what the agent prints in a file instead of letting it go to the terminal.
    Returns what it printed, if captured, and whether it stopped in time. Warnings and errors in its log go to stderr
    as they come. Raises Refusal when the agent ends by itself.
    """
    folder = fresh_folder(root, sample)
    log, output = Tail(log_file(root, sample)), Tail(folder / "output.txt")
    told: list[str] = []
    printed: list[str] = []

    def look() -> None:
        added = problems(log.lines())
        sys.stderr.writelines(f"go_plugin.LOG: {line}\n" for line in added)
        told.extend(added)
        printed.extend(output.lines())

    # A group of its own: a Ctrl-C reaches the agent once, through us. A second signal would end it without a flush.
    group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
    with contextlib.ExitStack() as stack:
        streams = {}
        if capture:
            streams = {"stdout": stack.enter_context(output.path.open("wb")), "stderr": subprocess.STDOUT}
        process = subprocess.Popen([agent, "-plugin", str(sample.path)], cwd=folder, **group, **streams)
    interrupted = False
    try:
        while process.poll() is None and not done(printed):
            time.sleep(0.05)
            look()
    except KeyboardInterrupt:
        interrupted = True
    finally:
        ended = process.poll()
        in_time = stop(process)
    look()
    if ended is not None:
        refused = next(filter(None, map(REFUSED.search, told)), None)
        if refused:
            raise Refusal(f"the agent refuses {sample}: {refused[1]}. Its log: {log.path}")
        sys.stderr.writelines(f"{line}\n" for line in printed[-20:])
        raise Refusal(f"the agent ended by itself (exit code {ended}) on {sample}. Its log: {log.path}")
    if not in_time:
        print(
            f"run.py: the agent did not stop within {STOP_SECONDS} s and was killed: a plugin's Stop must unblock its "
            f"Start and StartService. Its log: {log.path}",
            file=sys.stderr,
        )
    if interrupted and capture:
        raise KeyboardInterrupt
    return printed, in_time


def stop(process: subprocess.Popen) -> bool:
    """Interrupt the agent as Ctrl-C does, once, and wait; kill it when it takes too long, or on another Ctrl-C."""
    if process.poll() is not None:
        return True
    process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
    end = time.monotonic() + STOP_SECONDS
    try:
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
    except KeyboardInterrupt:
        end = 0
    if process.poll() is None:
        process.kill()
        process.wait()
        return False
    return True


def run(root: Path, host: Path, plugin: str, version: str) -> int:
    """Run one sample until Ctrl-C; return the exit code."""
    found = samples(root, plugin, version)
    plugins = sorted({sample.plugin for sample in found})
    if len(plugins) > 1:
        raise Refusal(f"which plugin? There are: {', '.join(plugins)}; for example: make run PLUGIN={plugins[0]}")
    sample = found[0]
    if not built_here(root, sample.plugin):
        raise Refusal(f"{sample.plugin} does not exist on this platform: a build constraint leaves it out")
    agent = build_agent(root, host, [sample])
    print(f"run.py: running {sample}; Ctrl-C ends it; its log: {log_file(root, sample)}", file=sys.stderr, flush=True)
    _, in_time = run_agent(root, agent, sample, capture=False, done=lambda printed: False)
    if in_time:
        print("run.py: stopped", file=sys.stderr)
    return 0 if in_time else 1


# ---- comparing with the README


def promised(root: Path, sample: Sample) -> list[dict]:
    """What the plugin's README promises for a pipeline version: the objects in its fenced blocks ```json output=v1.

    Raises Refusal when it promises nothing, or a line is no JSON object.
    """
    version, name = sample.version, f"{sample.plugin}/README.md"
    readme = root / name
    result = []
    fence, wanted = "", False
    for number, line in enumerate(read_text(readme).splitlines() if readme.is_file() else [], 1):
        opening = re.fullmatch(r" {0,3}(```+|~~~+)\s*(.*?)\s*", line)
        if fence:
            if opening and opening[1].startswith(fence) and not opening[2]:
                fence = ""
            elif wanted and line.strip():
                try:
                    value = json.loads(line)
                except json.JSONDecodeError:
                    value = None
                if not isinstance(value, dict):
                    raise Refusal(f"{name}, line {number}: no JSON object on one line, as flusher_stdout prints them")
                result.append(value)
        elif opening:
            fence, wanted = opening[1], opening[2].split() == ["json", f"output={version}"]
    if not result:
        raise Refusal(
            f"{name} promises no output of pipeline_{version}.json, so there is nothing to verify; copy lines that "
            f"`make run PIPELINE={version}` prints into a block that begins with: ```json output={version}"
        )
    return result


def differences(sample: object, actual: object, place: str = "") -> list[str]:
    """Where a printed value is not what the sample promises; empty when it fits.

    A string in angle brackets, such as "<time>", stands for any value. Objects may have more keys than promised;
    of a list, every promised element must fit some element.
    """
    where = place or "the line"
    if isinstance(sample, str) and re.fullmatch(r"<[^<>]+>", sample):
        return []
    if isinstance(sample, dict) and isinstance(actual, dict):
        found = []
        for key, value in sample.items():
            inner = f"{place}.{key}" if place else key
            if key not in actual:
                found.append(f"{inner}: promised {shown(value)}, missing")
            else:
                found += differences(value, actual[key], inner)
        return found
    if isinstance(sample, list) and isinstance(actual, list):
        missing = [value for value in sample if all(differences(value, other) for other in actual)]
        return [f"{where}: promised an element {shown(value)}, missing" for value in missing]
    if sample == actual and isinstance(sample, bool) == isinstance(actual, bool):
        return []
    return [f"{where}: promised {shown(sample)}, printed {shown(actual)}"]


def shown(value: object) -> str:
    """A value as JSON in ASCII."""
    return json.dumps(value)


def events(lines: Iterable[str]) -> list[dict]:
    """The events among the lines that the agent printed."""
    found = []
    for line in lines:
        match = EVENT.fullmatch(line)
        try:
            value = json.loads(match[1]) if match else None
        except json.JSONDecodeError:
            continue  # flusher_stdout does not escape everything
        if isinstance(value, dict):
            found.append(value)
    return found


def missing(samples_: Iterable[dict], lines: Iterable[str]) -> list[dict]:
    """Those promised lines that no printed line fits."""
    printed = events(lines)
    return [sample for sample in samples_ if all(differences(sample, event) for event in printed)]


def report(sample: dict, lines: list[str]) -> str:
    """What is wrong about a promised line that did not come: the closest printed line, and where it differs."""
    printed = events(lines)
    if not printed:
        last = f"; the last line it printed: {lines[-1]}" if lines else ""
        return f"  promised: {shown(sample)}\n  printed:  no event{last}"
    closest = min(printed, key=lambda event: len(differences(sample, event)))
    wrong = "".join(f"\n    {difference}" for difference in differences(sample, closest))
    return f"  promised: {shown(sample)}\n  closest:  {shown(closest)}{wrong}"


def verify(root: Path, host: Path, plugin: str, version: str, deadline: float) -> int:
    """Run the samples one after the other and compare; return the exit code. deadline: seconds for each."""
    found = []
    for sample in samples(root, plugin, version):
        if built_here(root, sample.plugin):
            found.append((sample, promised(root, sample)))
        else:
            print(f"{sample}: skipped, a build constraint leaves the plugin out on this platform", flush=True)
    if not found:
        return 0
    agent = build_agent(root, host, [sample for sample, _ in found])
    code = 0
    for sample, promise in found:
        start = time.monotonic()

        def done(lines: list[str], promise: list[dict] = promise, end: float = start + deadline) -> bool:
            return time.monotonic() > end or not missing(promise, lines)

        lines, in_time = run_agent(root, agent, sample, capture=True, done=done)
        absent = missing(promise, lines)
        seconds = time.monotonic() - start
        if absent:
            head = f"{sample}: {len(absent)} of {len(promise)} promised lines did not come in {deadline:g} s"
            place = f"  all it printed: {log_file(root, sample).parents[1] / 'output.txt'}"
            print(head, *(report(value, lines) for value in absent), place, sep="\n", file=sys.stderr)
        else:
            print(f"{sample}: ok, all promised lines came in {seconds:.1f} s", flush=True)
        code = max(code, 1 if absent or not in_time else 0)
    return code


# ---- the command line


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="run.py", description="Run a plugin of this repository in the host's agent.")
    parser.add_argument("plugin", nargs="?", default="", metavar="PLUGIN", help="folder or type of the plugin")
    parser.add_argument("--pipeline", choices=VERSIONS, default="", help="which sample pipeline")
    parser.add_argument("--verify", action="store_true", help="compare what comes out with the plugin's README")
    parser.add_argument(
        "--deadline", type=float, default=DEADLINE_SECONDS, metavar="SECONDS", help="for each pipeline of --verify"
    )
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent
    try:
        if shutil.which("go") is None:
            raise Refusal("go is not installed, or not in PATH; get it from https://go.dev/dl/ or your package manager")
        host = find_host(None, root)
        if host is None:
            raise Refusal(
                "no host checkout is known; run: make register LOONGCOLLECTOR_HOME=~/loongcollector, "
                "or give LOONGCOLLECTOR_HOME to this command"
            )
        check_host(host)
        host = host.resolve()
        if options.verify:
            return verify(root, host, options.plugin, options.pipeline, options.deadline)
        return run(root, host, options.plugin, options.pipeline)
    except Refusal as refusal:
        print(f"run.py: {refusal}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"run.py: {reason(error)}: {error.filename!a}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("run.py: interrupted", file=sys.stderr)
        return 130


def interrupt(*_: object) -> NoReturn:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)  # not every system has each; nohup ignores SIGHUP
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)
    sys.exit(main())
