"""run.py builds the host's agent with this repository's plugins, runs it, and says clearly what goes wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import QUESTIONS, REAL_HOST, Repository, copy_host, git
from ticks import MODULE, add_plugin, make_repository, set_pipeline

pytestmark = pytest.mark.go
EVENT = re.compile(r"[\d-]{10} [\d:]{8} (\{.*\})\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The stand-in host as a git checkout without changes."""
    host = copy_host(tmp_path / "loongcollector")
    git(host, "init", "--quiet")
    git(host, "add", "--all")
    git(host, "commit", "--quiet", "--message=host")
    return host


@pytest.fixture
def repository(tmp_path: Path, checkout: Path, go_environment: dict[str, str]) -> Repository:
    """A repository of one plugin that knows the host; its folder has a space and a letter outside ASCII."""
    environment = go_environment | {"LOONGCOLLECTOR_HOME": str(checkout)}
    return make_repository(tmp_path / "my \N{LATIN SMALL LETTER E WITH ACUTE} ticks", environment)


class Running:
    """A run.py at work, as under a terminal of its own."""

    def __init__(self, repository: Repository, *arguments: str) -> None:
        group = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
        )
        self.process = subprocess.Popen(
            [sys.executable, "run.py", *arguments],
            cwd=repository.path,
            env=repository.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **group,
        )
        self.watchdog = threading.Timer(60, self.process.terminate)
        self.watchdog.daemon = True
        self.watchdog.start()

    def event(self) -> dict:
        """The next event on stdout."""
        for line in self.process.stdout:
            match = EVENT.fullmatch(line)
            if match:
                return json.loads(match[1])
        raise AssertionError(self.process.stderr.read())

    def interrupt(self) -> None:
        """What Ctrl-C does: a signal to everything in the foreground of the terminal."""
        if os.name == "nt":
            self.process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Wait for it; return its exit code and what came on stderr."""
        _, errors = self.process.communicate()
        self.watchdog.cancel()
        return self.process.returncode, errors


def is_alive(pid: int) -> bool:
    """Whether there is a process of that id."""
    if os.name == "nt":
        command = ["tasklist", "/NH", "/FI", f"PID eq {pid}"]
        return str(pid) in subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def agent_log(repository: Repository, version: str) -> str:
    """The agent's own log of the last run of a pipeline."""
    return repository.read(f".loong/run/tick-{version}/log/go_plugin.LOG")


def test_events_appear_and_ctrl_c_ends_the_agent_cleanly(repository, checkout):
    running = Running(repository)
    first = running.event()
    assert (first["text"], first["count"]) == ("tick", "1")
    assert is_alive(int(first["pid"]))
    running.interrupt()
    code, errors = running.end()
    assert code == 0, errors
    assert not is_alive(int(first["pid"]))
    assert "Stop all:success" in agent_log(repository, "v1")
    assert "running tick/pipeline_v1.json; Ctrl-C ends it; its log: " in errors
    assert errors.endswith("run.py: stopped\n")
    assert git(checkout, "status", "--porcelain", "--ignored") == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_ended_from_outside_it_does_not_leave_the_agent_behind(repository, name):
    running = Running(repository, "tick", "--pipeline", "v1")
    pid = int(running.event()["pid"])
    running.process.send_signal(getattr(signal, name))
    assert running.end()[0] == 0
    assert not is_alive(pid)


@pytest.mark.slow
def test_an_agent_that_does_not_stop_is_killed_and_the_cause_named(repository):
    set_pipeline(repository, "v1", Fault="stop")
    running = Running(repository)
    pid = int(running.event()["pid"])
    running.interrupt()
    code, errors = running.end()
    assert code == 1
    assert "did not stop within 10 s and was killed: a plugin's Stop must unblock its Start" in errors
    assert not is_alive(pid)


def test_a_second_ctrl_c_kills_at_once(repository):
    set_pipeline(repository, "v1", Fault="stop")
    running = Running(repository)
    running.event()
    running.interrupt()
    time.sleep(0.5)
    running.interrupt()
    start = time.monotonic()
    assert running.end()[0] == 1
    assert time.monotonic() - start < 5


def test_the_type_of_a_plugin_names_it_too(repository):
    running = Running(repository, "service_tick", "--pipeline", "v2")
    assert running.event()["content"] == "tick"
    running.interrupt()
    assert running.end()[0] == 0


def test_verify_passes_when_all_that_is_promised_came(repository, checkout):
    result = repository.script("run.py", "--verify")
    assert re.fullmatch(
        r"tick/pipeline_v1.json: ok, all promised lines came in \d\.\d s\n"
        r"tick/pipeline_v2.json: ok, all promised lines came in \d\.\d s\n",
        result.stdout,
    )
    assert "METRIC_INPUT_V2_START_FAILURE" in agent_log(repository, "v2")
    assert "METRIC_INPUT_V2_START_FAILURE" not in result.stderr  # harmless, so not shown
    assert git(checkout, "status", "--porcelain", "--ignored") == ""


def test_a_second_run_builds_nothing_and_a_change_builds_again(repository):
    agent = repository.path / ".loong" / ("agent.exe" if os.name == "nt" else "agent")
    repository.script("run.py", "--verify", "tick", "--pipeline", "v1")
    built = agent.stat().st_ino  # a build puts a new file in its place
    repository.script("run.py", "--verify", "tick", "--pipeline", "v1")
    assert agent.stat().st_ino == built
    source = repository.path / "tick" / "tick.go"
    source.write_text(repository.read("tick/tick.go").replace('Text: "tick"', 'Text: "tock"'), encoding="utf-8")
    result = repository.script("run.py", "--verify", "tick", "--pipeline", "v1", "--deadline", "1", expect=1)
    assert agent.stat().st_ino != built
    assert 'text: promised "tick", printed "tock"' in result.stderr


def test_verify_shows_what_differs_from_the_closest_line(repository):
    set_pipeline(repository, "v2", Text="tack")
    result = repository.script("run.py", "--verify", "--deadline", "1", expect=1)
    assert "tick/pipeline_v1.json: ok" in result.stdout  # the other pipelines are still verified
    assert (
        "tick/pipeline_v2.json: 1 of 1 promised lines did not come in 1 s\n"
        '  promised: {"eventType": "log", "tags": {"count": "2"}, "content": "tick"}\n'
        "  closest:  {" in result.stderr
    )
    assert '    content: promised "tick", printed "tack"\n  all it printed: ' in result.stderr


def test_verify_fails_when_nothing_came(repository):
    set_pipeline(repository, "v1", Fault="silent")
    result = repository.script("run.py", "--verify", "--pipeline", "v1", "--deadline", "1", expect=1)
    assert "2 of 2 promised lines did not come in 1 s" in result.stderr
    assert "  printed:  no event" in result.stderr


def test_verify_takes_every_plugin_and_run_asks_which(repository):
    add_plugin(repository, "tock")
    result = repository.script("run.py", "--verify", "--pipeline", "v1")
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "tick/pipeline_v1.json",
        "tock/pipeline_v1.json",
    ]
    result = repository.script("run.py", expect=2)
    assert result.stderr == "run.py: which plugin? There are: tick, tock; for example: make run PLUGIN=tick\n"


def test_a_plugin_that_is_not_ready_does_not_disturb_the_others(repository):
    add_plugin(repository, "tock")
    (repository.path / "tock" / "pipeline_v1.json").write_text("{", encoding="utf-8")
    set_pipeline(repository, "v2", "tock", type_="service_unknown")
    repository.script("run.py", "--verify", "tick")
    repository.script("run.py", "--verify", expect=2)


def test_several_may_run_at_once(repository):
    add_plugin(repository, "tock")
    commands = [("tick", "v1"), ("tick", "v2"), ("tock", "v2")]
    processes = [Running(repository, "--verify", plugin, "--pipeline", version) for plugin, version in commands]
    ends = [process.end() for process in processes]
    assert [code for code, _ in ends] == [0, 0, 0], ends


def test_a_plugin_for_another_platform_is_named_and_passed_over(repository):
    other = "linux" if os.name == "nt" else "windows"
    source = repository.path / "tick" / "tick.go"
    source.write_text(f"//go:build {other}\n\n" + repository.read("tick/tick.go"), encoding="utf-8")
    (source.parent / "doc.go").write_text("package tick\n", encoding="utf-8")
    result = repository.script("run.py", expect=2)
    assert result.stderr == "run.py: tick does not exist on this platform: a build constraint leaves it out\n"
    result = repository.script("run.py", "--verify")
    skipped = "skipped, a build constraint leaves the plugin out on this platform"
    assert result.stdout == f"tick/pipeline_v1.json: {skipped}\ntick/pipeline_v2.json: {skipped}\n"


def test_a_pipeline_that_the_agent_refuses_ends_with_its_own_error(repository):
    set_pipeline(repository, "v1", Fault="init")
    result = repository.script("run.py", expect=2)
    assert re.search(r"go_plugin.LOG: .*\[CRT\].*Fault must not be init", result.stderr)
    assert result.stderr.splitlines()[-1] == (
        "run.py: the agent refuses tick/pipeline_v1.json: Fault must not be init. "
        f"Its log: {repository.path / '.loong/run/tick-v1/log/go_plugin.LOG'}"
    )
    assert "start fail, config is" not in result.stderr  # repeats the pipeline


def test_an_agent_that_dies_is_told_with_its_last_words(repository):
    set_pipeline(repository, "v1", Fault="exit")
    result = repository.script("run.py", "--verify", expect=2)
    assert "good bye\n" in result.stderr
    assert "run.py: the agent ended by itself (exit code 3) on tick/pipeline_v1.json. Its log: " in result.stderr


def test_errors_in_the_log_are_shown_while_the_agent_runs(repository):
    set_pipeline(repository, "v1", Fault="start")
    result = repository.script("run.py", "--verify", "--pipeline", "v1", "--deadline", "1", expect=1)
    assert re.search(r"go_plugin.LOG: .*\[ERR\].*the ticks ran out", result.stderr)


@pytest.mark.parametrize(
    ("section", "type_", "message"),
    [
        ("inputs", "service_tack", "unknown type 'service_tack' in 'inputs': neither this repository nor "),
        ("inputs", "service_tack", "registers it (did you mean 'service_tick'?)"),
        ("flushers", "flusher_htp", "(did you mean 'flusher_http'?)"),
        ("processors", "service_tick", "unknown type 'service_tick' in 'processors': it belongs in 'inputs'"),
        ("aggregators", "aggregator_none/alias", "unknown type 'aggregator_none' in 'aggregators'"),
    ],
)
def test_a_type_that_nobody_registers_is_refused_before_the_build(repository, section, type_, message):
    path = repository.path / "tick" / "pipeline_v1.json"
    pipeline = json.loads(path.read_text(encoding="utf-8"))
    pipeline.setdefault(section, []).append({"type": type_, "detail": {}})
    path.write_text(json.dumps(pipeline), encoding="utf-8")
    result = repository.script("run.py", expect=2)
    assert "run.py: tick/pipeline_v1.json: unknown type" in result.stderr
    assert message in result.stderr
    assert not (repository.path / ".loong" / "agent").exists()


def test_a_host_type_is_found_however_the_host_registers_it(repository, checkout):
    source = checkout / "plugins" / "input" / "mock" / "input_mock.go"
    text = source.read_text(encoding="utf-8").replace('MetricInputs["metric_mock"]', "MetricInputs[name]")
    source.write_text(text + '\nconst name = "metric_mock"\n', encoding="utf-8")
    path = repository.path / "tick" / "pipeline_v1.json"
    pipeline = json.loads(path.read_text(encoding="utf-8"))
    pipeline["inputs"].append({"type": "metric_mock", "detail": {"IntervalMs": 50, "Tags": {"from": "the host"}}})
    path.write_text(json.dumps(pipeline), encoding="utf-8")
    readme = repository.path / "tick" / "README.md"
    readme.write_text('```json output=v1\n{"from":"the host","Index":"2"}\n```\n', encoding="utf-8")
    repository.script("run.py", "--verify", "--pipeline", "v1")


def test_without_a_host_it_says_how_to_name_one(repository, tmp_path):
    environment = {name: value for name, value in repository.environment.items() if name != "LOONGCOLLECTOR_HOME"}
    alone = make_repository(tmp_path / "elsewhere" / "ticks", environment)
    result = alone.script("run.py", expect=2)
    assert result.stderr == (
        "run.py: no host checkout is known; run: make register LOONGCOLLECTOR_HOME=~/loongcollector, "
        "or give LOONGCOLLECTOR_HOME to this command\n"
    )


def test_a_folder_that_is_no_host_is_refused(repository, tmp_path):
    result = repository.run(sys.executable, "run.py", expect=2, LOONGCOLLECTOR_HOME=str(tmp_path))
    assert result.stderr.startswith("run.py: ")
    assert len(result.stderr.splitlines()) == 1


def test_without_go_it_says_so(repository, tmp_path):
    result = repository.run(sys.executable, "run.py", expect=2, PATH=str(tmp_path))
    assert result.stderr.startswith("run.py: go is not installed, or not in PATH")


def test_a_plugin_that_does_not_compile_shows_what_go_says(repository):
    (repository.path / "tick" / "more.go").write_text("package tick\n\nvar x int = missing\n", encoding="utf-8")
    result = repository.script("run.py", expect=2)
    assert "undefined: missing" in result.stderr
    assert "run.py: the agent does not build; what Go says is above." in result.stderr


def test_an_all_go_out_of_date_is_refused(repository):
    (repository.path / "all.go").unlink()
    result = repository.script("run.py", expect=2)
    assert result.stderr == "run.py: all.go is out of date, so the agent would lack a plugin; run: make all\n"


def test_an_unknown_plugin_lists_those_there_are(repository):
    result = repository.script("run.py", "tack", expect=2)
    assert result.stderr == "run.py: no plugin 'tack' in this repository; there are: tick\n"


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("{", "tick/pipeline_v2.json, line 1: not JSON: "),
        ("[]", "tick/pipeline_v2.json holds no JSON object"),
        ("{}", 'tick/pipeline_v2.json would run as \'v1\'; right, in its "global" object: "StructureType": "v2"'),
        ('{"global":{"StructureType":"v2"},"inputs":{}}', 'tick/pipeline_v2.json: "inputs" is no list'),
        (
            '{"global":{"StructureType":"v2"},"flushers":[{"Type":"x"}]}',
            'tick/pipeline_v2.json: an element of "flushers" is no object with a "type"',
        ),
        (
            '{"global":{"StructureType":"v2"},"inputs":[{"type":"metric_mock"}]}',
            "tick/pipeline_v2.json does not use the plugin: it names no service_tick",
        ),
    ],
)
def test_a_pipeline_that_cannot_be_meant_is_refused(repository, pipeline, message):
    (repository.path / "tick" / "pipeline_v2.json").write_text(pipeline, encoding="utf-8")
    result = repository.script("run.py", "--pipeline", "v2", expect=2)
    assert result.stderr.startswith(f"run.py: {message}")


def test_a_missing_sample_is_named(repository):
    (repository.path / "tick" / "pipeline_v2.json").unlink()
    result = repository.script("run.py", "tick", "--pipeline", "v2", expect=2)
    assert result.stderr.startswith("run.py: no sample pipeline tick/pipeline_v2.json; ")


def test_a_readme_that_promises_nothing_cannot_be_verified(repository):
    (repository.path / "tick" / "README.md").write_text("# service_tick\n", encoding="utf-8")
    result = repository.script("run.py", "--verify", expect=2)
    assert (
        "run.py: tick/README.md promises no output of pipeline_v1.json, so there is nothing to verify" in result.stderr
    )


def test_what_other_builds_left_in_the_checkout_does_not_matter(repository, checkout):
    everything = checkout / "plugins" / "all"
    everything.mkdir()
    unreachable = 'package all\n\nimport _ "unreachable.example.com/plugin"\n'
    for name in ("all.go", "all_linux.go", "all_windows.go"):
        (everything / name).write_text(unreachable, encoding="utf-8")
    go_mod = checkout / "go.mod"
    text = go_mod.read_text(encoding="utf-8")
    go_mod.write_text(
        f"{text}\nrequire {MODULE} v1.2.3\n\nreplace {MODULE} v1.2.3 => ../gone\n\nreplace {MODULE} => ../gone\n",
        encoding="utf-8",
    )
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file() and ".git" not in path.parts}
    repository.environment["GOWORK"] = "/does/not/exist/go.work"
    repository.script("run.py", "--verify", "--pipeline", "v1")
    assert before == {
        path: path.read_bytes() for path in checkout.rglob("*") if path.is_file() and ".git" not in path.parts
    }


def test_a_module_of_a_later_major_version_runs(repository, tmp_path):
    later = make_repository(tmp_path / "ticks", repository.environment, module=f"{MODULE}/v2")
    later.script("run.py", "--verify", "--pipeline", "v1")


@pytest.mark.slow
@pytest.mark.parametrize("kind", QUESTIONS["plugin_kind"])
def test_the_samples_of_every_kind_print_what_its_readme_promises(bake, checkout, kind):
    repository = bake(plugin_kind=kind)
    result = repository.run(sys.executable, "run.py", "--verify", LOONGCOLLECTOR_HOME=str(checkout))
    assert re.findall(r"(pipeline_v[12]).json: (\w+)", result.stdout) == [("pipeline_v1", "ok"), ("pipeline_v2", "ok")]
    assert "go_plugin.LOG: " not in result.stderr


@pytest.mark.slow
@pytest.mark.real_host
@pytest.mark.skipif(not REAL_HOST, reason="LOONGCOLLECTOR_HOME names no real host checkout")
@pytest.mark.parametrize("kind", QUESTIONS["plugin_kind"])
def test_the_real_agent_prints_what_the_readme_promises(bake, kind):
    before = git(Path(REAL_HOST), "status", "--porcelain", "--ignored")
    environment = dict(os.environ) | {"LOONGCOLLECTOR_HOME": REAL_HOST}
    repository = Repository(bake(plugin_kind=kind).path, environment)
    result = repository.script("run.py", "--verify")
    assert re.findall(r"(pipeline_v[12]).json: (\w+)", result.stdout) == [("pipeline_v1", "ok"), ("pipeline_v2", "ok")]
    assert git(Path(REAL_HOST), "status", "--porcelain", "--ignored") == before
