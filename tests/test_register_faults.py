"""register.py when things go wrong: nothing is lost, nothing half written, nothing in the way of the next run."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from conftest import TEMPLATE, command_line, copy_host
from registering import MODULE, make_host, make_repository, register

BEFORE = "# ours to keep\nplugins:\n  common:\n    - gomod: corp.example/x v1.0.0\n"
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the plugins one and two."""
    return make_repository(tmp_path / "repo")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host checkout whose external_plugins.yml holds an entry of somebody."""
    host = make_host(tmp_path / "host")
    (host / "external_plugins.yml").write_text(BEFORE, encoding="utf-8")
    return host


def state(folder: Path) -> dict[str, object]:
    """Everything in a folder: names, bytes, modes and time stamps."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[path.name] = (content, status.st_mode, status.st_mtime_ns if path.is_file() else None)
    return found


def refused(repository: Path, host: Path, *arguments: str) -> str:
    """Run register.py and expect a refusal that leaves everything as it was; return the message."""
    before = state(host), state(repository)
    command = [sys.executable, "-B", str(repository / "register.py"), str(host), *arguments]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    assert result.stderr.startswith("register.py: ") and result.stderr.isascii() and "Traceback" not in result.stderr
    assert (state(host), state(repository)) == before
    return result.stderr


# ---- what stands in the place of the file


def test_a_folder(repository, host):
    (host / "external_plugins.yml").unlink()
    (host / "external_plugins.yml").mkdir()
    assert "is no regular file" in refused(repository, host)


@POSIX
def test_a_fifo(repository, host):
    (host / "external_plugins.yml").unlink()
    os.mkfifo(host / "external_plugins.yml")
    assert "is no regular file" in refused(repository, host)


@POSIX
def test_a_dangling_link(repository, host):
    (host / "external_plugins.yml").unlink()
    (host / "external_plugins.yml").symlink_to("nowhere.yml")
    assert "is a symbolic link to nothing" in refused(repository, host)


@POSIX
def test_a_link_to_itself(repository, host):
    (host / "external_plugins.yml").unlink()
    (host / "external_plugins.yml").symlink_to("external_plugins.yml")
    refused(repository, host)


def test_a_read_only_file(repository, host):
    (host / "external_plugins.yml").chmod(0o444)
    assert "is read-only; allow writing: chmod u+w external_plugins.yml" in refused(repository, host)


@POSIX
def test_a_read_only_folder(repository, host):
    host.chmod(0o555)
    try:
        assert "is read-only" in refused(repository, host)
    finally:
        host.chmod(0o755)


def test_a_host_that_vanished(repository, host):
    shutil.rmtree(host)
    host.mkdir()
    assert "is no LoongCollector checkout: it has no go.mod" in refused(repository, host)
    host.rmdir()
    assert "is no folder" in refused(repository, host)


def test_a_host_without_its_pkg(repository, host):
    shutil.rmtree(host / "pkg")
    assert "pkg/go.mod" in refused(repository, host)


def test_a_document_nested_beyond_reason(repository, host):
    (host / "external_plugins.yml").write_text("x: " + "[" * 20_000 + "]" * 20_000, encoding="utf-8")
    refused(repository, host)


# ---- when writing fails


@pytest.mark.parametrize("at", ["open", "fsync", "replace"])
@pytest.mark.parametrize("file", ["external_plugins.yml", "go.work"])
def test_a_full_disk_leaves_everything_as_it_was(repository, host, monkeypatch, at, file):
    full = OSError(errno.ENOSPC, "No space left on device")
    writing = [""]
    real_open = os.open

    def note_open(path, flags, *rest, **options):
        if flags & os.O_CREAT:
            writing[0] = Path(path).name
            if at == "open" and file in writing[0]:
                raise full
        return real_open(path, flags, *rest, **options)

    def fail(real):
        def instead(*arguments, **options):
            if file in writing[0]:
                raise full
            return real(*arguments, **options)

        return instead

    monkeypatch.setattr(os, "open", note_open)
    if at == "fsync":
        monkeypatch.setattr(os, "fsync", fail(os.fsync))
    elif at == "replace":
        monkeypatch.setattr(Path, "replace", fail(Path.replace))
    before = state(host), state(repository)
    with pytest.raises(register.Refusal, match="No space left on device; it is as it was"):
        register.register(repository, host)
    monkeypatch.undo()
    assert (state(host), state(repository)) == before
    assert register.register(repository, host).changed


def test_a_file_that_somebody_else_changes_meanwhile_is_not_overwritten(repository, host, monkeypatch):
    real = register.check_result

    def meanwhile(*arguments):
        (host / "external_plugins.yml").write_text(BEFORE + "# edited\n", encoding="utf-8")
        return real(*arguments)

    monkeypatch.setattr(register, "check_result", meanwhile)
    with pytest.raises(register.Refusal, match="was changed by somebody else meanwhile; run the same again"):
        register.register(repository, host)
    assert (host / "external_plugins.yml").read_text(encoding="utf-8") == BEFORE + "# edited\n"
    assert not (repository / "go.work").exists()


# ---- killed


@pytest.mark.slow
@POSIX
def test_killed_at_any_moment_the_file_is_the_old_or_the_new_one(repository, host):
    path = host / "external_plugins.yml"
    register.register(repository, host)
    new = path.read_bytes()
    register.register(repository, host, remove=True)
    old = path.read_bytes()
    code = f"import sys; sys.path.insert(0, {str(repository)!r}); import register, yaml; print('go', flush=True)\n"
    code += f"while True:\n register.main([{str(host)!r}])\n register.main([{str(host)!r}, '--remove'])\n"
    chance = random.Random(8)  # noqa: S311
    outcomes = set()
    for _ in range(300):
        with subprocess.Popen(
            [sys.executable, "-B", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert content in (old, new)
        outcomes.add(content)
    assert outcomes == {old, new}
    started = time.monotonic()
    register.register(repository, host)
    register.register(repository, host, remove=True)
    assert path.read_bytes() == old and time.monotonic() - started < 30  # no lock in the way
    assert list(host.glob(".*")) == []


def test_what_a_killed_run_left_is_cleared_away(repository, host):
    left = host / ".external_plugins.yml.12345.tmp"
    left.write_text("half", encoding="utf-8")
    register.register(repository, host)
    assert not left.exists()


# ---- many at once


@pytest.mark.slow
def test_fifty_registrations_at_once_are_all_in(tmp_path, host):
    modules = [f"my-repo.com/team/plugins{number}" for number in range(50)]
    repositories = [make_repository(tmp_path / f"repo{number}", module) for number, module in enumerate(modules)]

    def run(repository: Path) -> int:
        command = [sys.executable, "-B", str(repository / "register.py"), str(host)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    with ThreadPoolExecutor(25) as pool:
        assert set(pool.map(run, repositories)) == {0}
    entries = yaml.safe_load((host / "external_plugins.yml").read_text(encoding="utf-8"))["plugins"]["common"]
    assert entries[0] == {"gomod": "corp.example/x v1.0.0"}
    assert sorted(entry["import"] for entry in entries[1:]) == sorted(modules)
    assert (host / "external_plugins.yml").read_text(encoding="utf-8").startswith(BEFORE)


@pytest.mark.slow
def test_several_cookiecutter_runs_at_once_are_all_in(tmp_path):
    host = copy_host(tmp_path / "loongcollector")

    def scaffold(number: int) -> None:
        answers = [
            f"module_path=my-repo.com/team/p{number}",
            f"plugin_name=name{number}",
            f"loongcollector_home={host}",
        ]
        command_line(str(TEMPLATE), "--no-input", "-o", str(tmp_path), *answers, cwd=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(scaffold, range(12)))
    entries = yaml.safe_load((host / "external_plugins.yml").read_text(encoding="utf-8"))["plugins"]["common"]
    assert sorted(entry["import"] for entry in entries) == sorted(f"my-repo.com/team/p{number}" for number in range(12))


def test_a_registration_that_fails_leaves_no_new_repository(tmp_path):
    host = copy_host(tmp_path / "loongcollector")
    broken = host / "external_plugins.yml"
    broken.write_text("plugins: [\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    arguments = [str(TEMPLATE), "--no-input", "-o", str(tmp_path / "out"), f"loongcollector_home={host}"]
    result = command_line(*arguments, cwd=tmp_path, expect=1)
    assert "line 2: not YAML" in result.stdout + result.stderr
    assert "a new repository was not kept and the host is as it was" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []
    assert broken.read_text(encoding="utf-8") == "plugins: [\n"


def test_a_registration_that_fails_keeps_an_existing_repository(bake, tmp_path):
    repository = bake()
    host = copy_host(tmp_path / "loongcollector")
    (host / "external_plugins.yml").write_text("plugins: [\n", encoding="utf-8")
    arguments = [str(TEMPLATE), "--no-input", "-f", "-s", "-o", str(repository.path.parent), "plugin_name=mask"]
    result = command_line(*arguments, f"loongcollector_home={host}", cwd=tmp_path, expect=1)
    assert "the new files stay: mend this, then run: make all register" in result.stderr
    assert "mask/mask.go" in repository.files() and "example_plugin/example_plugin.go" in repository.files()
    (host / "external_plugins.yml").unlink()
    repository.make("all", "register", f"LOONGCOLLECTOR_HOME={host}")
    assert MODULE not in (host / "external_plugins.yml").read_text(encoding="utf-8")
    assert "my-repo.com/my_space/my_plugins" in (host / "external_plugins.yml").read_text(encoding="utf-8")
