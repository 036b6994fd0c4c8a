"""register.py introduces a repository to a host checkout: what it writes, where, and what it refuses."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import TEMPLATE
from registering import MODULE, add_plugin, make_host, make_repository, register

LOCAL = """\
plugins:
  common:
    - gomod: my-repo.com/a/b v0.0.0
      import: my-repo.com/a/b
project:
  replaces:
    - my-repo.com/a/b => ../repo
"""
LATEST = """\
plugins:
  common:
    - gomod: my-repo.com/a/b latest
      import: my-repo.com/a/b
project:
  go_envs:
    GOPRIVATE: my-repo.com/a/b
"""
OTHERS = """\
# what we build
plugins:
  common:   # on every system
  - gomod: 'corp.example/x v1.2.3'   # theirs
    import: corp.example/x
  linux: []

project:
  replaces: ["a.example/z => ../z"]  # keep
  git_configs: {url.x.insteadOf: y}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of the module my-repo.com/a/b with the plugins one and two."""
    return make_repository(tmp_path / "repo")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder that is a host checkout, as far as register.py looks."""
    return make_host(tmp_path / "host")


@pytest.fixture(autouse=True)
def _no_go_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's GOPRIVATE out."""
    monkeypatch.setenv("GOENV", "off")
    monkeypatch.delenv("GOPRIVATE", raising=False)


def run(repository: Path, *arguments: object) -> tuple[int, str, str]:
    """Run register.py as its user does; return exit code, stdout and stderr."""
    command = [sys.executable, "-B", str(repository / "register.py"), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=repository.parent)
    assert "Traceback" not in result.stderr
    return result.returncode, result.stdout, result.stderr


def done(repository: Path, host: Path, *arguments: object) -> str:
    """Register and expect success; return the text of external_plugins.yml."""
    code, _, errors = run(repository, host, *arguments)
    assert code == 0, errors
    return (host / "external_plugins.yml").read_text(encoding="utf-8")


def given(host: Path, text: str) -> Path:
    """Write external_plugins.yml as it was before."""
    path = host / "external_plugins.yml"
    path.write_bytes(text.encode())
    return path


# ---- what is written


def test_local_latest_and_a_version(repository, host):
    assert done(repository, host) == LOCAL
    assert done(repository, host, "--source", "latest") == LATEST.replace("project:\n", "project:\n  replaces:\n")
    assert "b v1.2.0\n" in done(repository, host, "--source", "v1.2.0")
    back = yaml.safe_load(done(repository, host, "--source", "local"))
    assert back["plugins"] == yaml.safe_load(LOCAL)["plugins"]
    assert back["project"] == {"replaces": ["my-repo.com/a/b => ../repo"], "go_envs": None}


def test_latest_from_nothing(repository, host):
    assert done(repository, host, "--source", "latest") == LATEST


def test_again_changes_nothing(repository, host):
    done(repository, host)
    files = (host / "external_plugins.yml", repository / "go.work")
    before = [(path.stat().st_mtime_ns, path.stat().st_ino) for path in files]
    code, output, _ = run(repository, host)
    assert code == 0 and "is registered in" in output and "already" in output
    assert [(path.stat().st_mtime_ns, path.stat().st_ino) for path in files] == before


def test_everything_of_others_stays_byte_for_byte(repository, host):
    given(host, OTHERS)
    text = done(repository, host)
    assert text == OTHERS.replace(
        "    import: corp.example/x\n",
        "    import: corp.example/x\n  - gomod: my-repo.com/a/b v0.0.0\n    import: my-repo.com/a/b\n",
    ).replace('=> ../z"]', '=> ../z", my-repo.com/a/b => ../repo]')
    assert done(repository, host, "--remove") == OTHERS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", LOCAL),
        ("\n", "\n" + LOCAL),
        ("# only words\n", "# only words\n" + LOCAL),
        ("# no last line end", "# no last line end\n" + LOCAL.rstrip("\n")),
        ("---\n", "---\n" + LOCAL),
        ("{}\n", "{plugins: {common: [{gomod: my-repo.com/a/b v0.0.0, import: my-repo.com/a/b}]}, "
                 "project: {replaces: [my-repo.com/a/b => ../repo]}}\n"),
        ("plugins:\nproject:\n", LOCAL),
        ("plugins:\n  common:\nproject:\n  replaces:\n", LOCAL),
        ("plugins: ~\nproject: null\n", LOCAL),
        ("plugins: {}\nproject: {}\n",
         "plugins: {common: [{gomod: my-repo.com/a/b v0.0.0, import: my-repo.com/a/b}]}\n"
         "project: {replaces: [my-repo.com/a/b => ../repo]}\n"),
        ("plugins: {linux: }\nproject: {go_envs: }\n",
         "plugins: {linux: , common: [{gomod: my-repo.com/a/b v0.0.0, import: my-repo.com/a/b}]}\n"
         "project: {go_envs: , replaces: [my-repo.com/a/b => ../repo]}\n"),
        ("plugins:\n  common: []\nproject:\n  replaces: [ ]\n",
         "plugins:\n  common: [{gomod: my-repo.com/a/b v0.0.0, import: my-repo.com/a/b}]\n"
         "project:\n  replaces: [my-repo.com/a/b => ../repo ]\n"),
        ("plugins:\n      common:\n      -   import: x.example/y\n",
         "plugins:\n      common:\n      -   import: x.example/y\n"
         "      -   gomod: my-repo.com/a/b v0.0.0\n          import: my-repo.com/a/b\n"
         "project:\n  replaces:\n    - my-repo.com/a/b => ../repo\n"),
        ("plugins:\n  common:\n    - import: x.example/y # x\n    # about nothing\n\n# the end\n",
         "plugins:\n  common:\n    - import: x.example/y # x\n    - gomod: my-repo.com/a/b v0.0.0\n"
         "      import: my-repo.com/a/b\n    # about nothing\n\n# the end\n"
         "project:\n  replaces:\n    - my-repo.com/a/b => ../repo\n"),
        ("other: &a [1]\nmore: *a\n", "other: &a [1]\nmore: *a\n" + LOCAL),
        ("plugins:\n  common:\n    - &e {gomod: x.example/y v1.0.0}\n    - *e\n    - <<: *e\n      import: x/z\n",
         "plugins:\n  common:\n    - &e {gomod: x.example/y v1.0.0}\n    - *e\n    - <<: *e\n      import: x/z\n"
         "    - gomod: my-repo.com/a/b v0.0.0\n      import: my-repo.com/a/b\n"
         "project:\n  replaces:\n    - my-repo.com/a/b => ../repo\n"),
    ],
)  # fmt: skip
def test_whatever_the_builder_accepts_is_handled(repository, host, before, after):
    given(host, before)
    assert done(repository, host) == after


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_byte_order_mark_and_last_line_end_stay(repository, host, ending, mark, last):
    def form(text: str) -> bytes:
        text = text if last else text.rstrip("\n")
        return (mark + text.replace("\n", ending)).encode()

    path = host / "external_plugins.yml"
    path.write_bytes(form(OTHERS))
    done(repository, host)
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(ending.encode())
    assert content.startswith(mark.encode()) and content.endswith(ending.encode()) is last
    done(repository, host, "--remove")
    assert path.read_bytes() == form(OTHERS)


def test_several_entries_at_an_open_end_come_and_go(repository, host):
    before = "project:\n  replaces:\nplugins:\n  debug:\n  common:\n    - import: x.example/y"
    given(host, before)
    one, two = (f"    - gomod: my-repo.com/a/b v0.0.0\n      import: my-repo.com/a/b/{name}" for name in ("one", "two"))
    assert done(repository, host, "--plugin", "one", "--plugin", "two").endswith(f"x.example/y\n{one}\n{two}")
    assert done(repository, host, "--category", "debug").endswith(f"{one}\n{two}\n  common:\n    - import: x.example/y")
    assert done(repository, host, "--remove") == before


def test_single_plugins_get_entries_of_their_own(repository, host):
    done(repository, host, "--plugin", "two")
    text = done(repository, host, "--plugin", "one", "--plugin", "two")
    assert [entry["import"] for entry in yaml.safe_load(text)["plugins"]["common"]] == [
        f"{MODULE}/two",
        f"{MODULE}/one",
    ]
    # Without --plugin, those that are there count; all of one module get one version.
    text = done(repository, host, "--source", "v1.2.0")
    assert yaml.safe_load(text)["plugins"]["common"] == [
        {"gomod": f"{MODULE} v1.2.0", "import": f"{MODULE}/two"},
        {"gomod": f"{MODULE} v1.2.0", "import": f"{MODULE}/one"},
    ]
    text = done(repository, host, "--remove", "--plugin", "two")
    assert [entry["import"] for entry in yaml.safe_load(text)["plugins"]["common"]] == [f"{MODULE}/one"]
    assert MODULE in text and (repository / "go.work").exists()


def test_a_category_of_choice_and_another_one(repository, host):
    text = done(repository, host, "--category", "linux")
    assert list(yaml.safe_load(text)["plugins"]) == ["linux"]
    assert done(repository, host) == text  # stays where it is
    moved = yaml.safe_load(done(repository, host, "--category", "debug"))["plugins"]
    assert moved == {"linux": None, "debug": [{"gomod": f"{MODULE} v0.0.0", "import": MODULE}]}


@pytest.mark.parametrize(
    "entry",
    [
        "gomod: my-repo.com/a/b latest\n      import: my-repo.com/a/b",
        "gomod: my-repo.com/a/b v0.0.1\n      path: ../repo\n      import: my-repo.com/a/b",
        "path: ../repo\n      gomod: my-repo.com/a/b v0.0.1\n      import: my-repo.com/a/b",
        "import: my-repo.com/a/b",
        "gomod:\n      import: my-repo.com/a/b",
        "gomod: >-\n        my-repo.com/a/b latest",
        "gomod: 'my-repo.com/a/b v1.0.0'  # ours",
    ],
    ids=["latest", "path", "path-first", "import-only", "null", "folded", "quoted"],
)
def test_an_entry_written_by_hand_is_taken_over(repository, host, entry):
    given(host, f"plugins:\n  common:\n    - {entry}\n    - import: x.example/y\n")
    text = done(repository, host)
    ours, other = yaml.safe_load(text)["plugins"]["common"]
    assert ours["gomod"] == f"{MODULE} v0.0.0" and "path" not in ours and other == {"import": "x.example/y"}
    assert ("# ours" in text) == ("# ours" in entry) and ("'my-repo.com/a/b v0.0.0'" in text) == ("'" in entry)


def test_another_module_below_ours_is_not_ours(repository, host):
    theirs = "plugins:\n  common:\n    - gomod: my-repo.com/a/b/sub v1.0.0\n    - gomod: my-repo.com/a/bc v1.0.0\n"
    given(host, theirs)
    assert done(repository, host).startswith(theirs)


def test_goprivate_is_the_union_of_file_machine_and_module(repository, host, monkeypatch):
    monkeypatch.setenv("GOPRIVATE", "*.corp.example,x.example")
    given(host, 'project:\n  go_envs:\n    GOPRIVATE: "x.example,y.example"\n')
    text = done(repository, host, "--source", "latest")
    assert '"x.example,y.example,*.corp.example,my-repo.com/a/b"' in text
    # What this machine's Go had stays; ours goes.
    assert '"x.example,y.example,*.corp.example"' in done(repository, host, "--remove")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{GOPRIVATE: x.example}", '{GOPRIVATE: "x.example,my-repo.com/a/b"}'),
        ("{GOPRIVATE: }", "{GOPRIVATE: my-repo.com/a/b}"),
        ("\n    GOPRIVATE:", "\n    GOPRIVATE: my-repo.com/a/b"),
        ("\n    GOPRIVATE: ~ # none", "\n    GOPRIVATE: my-repo.com/a/b # none"),
    ],
)
def test_goprivate_in_every_form(repository, host, before, after):
    given(host, f"project:\n  go_envs: {before}\n")
    assert done(repository, host, "--source", "latest").startswith(f"project:\n  go_envs: {after}\n")


def test_a_goprivate_of_the_user_stays_when_nothing_was_published(repository, host):
    before = "plugins:\n  common:\nproject:\n  replaces:\n  go_envs:\n    GOPRIVATE: my-repo.com/a/b\n"
    given(host, before)
    assert done(repository, host, "--remove") == before
    assert "GOPRIVATE: my-repo.com/a/b\n" in done(repository, host)
    assert done(repository, host, "--remove") == before


def test_without_go_the_rest_of_goprivate_is_still_written(repository, host, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, errors = run(repository, host, "--source", "latest")
    assert code == 0 and (host / "external_plugins.yml").read_text(encoding="utf-8") == LATEST
    assert errors == (
        "register.py: warning: go is not on the PATH, so what it has as GOPRIVATE on this machine was not taken over\n"
    )


def test_a_symbolic_link_is_followed(repository, host, tmp_path):
    target = tmp_path / "shared" / "plugins.yml"
    target.parent.mkdir()
    target.write_text(OTHERS, encoding="utf-8")
    (host / "external_plugins.yml").symlink_to(target)
    done(repository, host)
    assert (host / "external_plugins.yml").is_symlink() and MODULE in target.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_mode_and_owner_stay(repository, host):
    path = given(host, OTHERS)
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    before = path.stat()
    done(repository, host)
    after = path.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_token_in_the_file_is_never_readable_by_others(repository, host, monkeypatch):
    given(host, OTHERS).chmod(0o600)
    real, written = Path.chmod, []

    def chmod(path, mode):
        written.append((path.suffix, path.stat().st_size, mode))
        real(path, mode)

    monkeypatch.setattr(Path, "chmod", chmod)
    register.register(repository, host)
    assert written == [(".tmp", 0, 0o600)]  # closed to others before anything is in it


# ---- looking without touching


def test_dry_run_prints_a_unified_diff_and_writes_nothing(repository, host):
    path = given(host, OTHERS)
    code, output, _ = run(repository, host, "--dry-run")
    assert code == 0 and path.read_text(encoding="utf-8") == OTHERS and not (repository / "go.work").exists()
    lines = output.splitlines()
    assert lines[0] == f"--- {path.as_posix()}" and lines[1] == f"+++ {path.as_posix()}"
    assert "+  - gomod: my-repo.com/a/b v0.0.0" in lines and f"+++ {(repository / 'go.work').as_posix()}" in lines
    assert not any(line.startswith("-") for line in lines[2:] if "replaces" not in line and "--- " not in line)


def test_check_tells_by_its_exit_code(repository, host):
    assert run(repository, host, "--check")[0] == 1
    assert not (host / "external_plugins.yml").exists()
    done(repository, host)
    assert run(repository, host, "--check")[0] == 0
    assert run(repository, host, "--check", "--source", "latest")[0] == 1
    assert run(repository, host, "--check", "--plugin", "one")[0] == 1
    assert run(repository, host, "--check", "--category", "linux")[0] == 1
    (repository / "go.work").unlink()
    assert run(repository, host, "--check")[0] == 1


def test_a_stale_entry_is_told_with_its_cure(repository, host):
    done(repository, host, "--plugin", "one", "--plugin", "two")
    shutil.rmtree(repository / "two")
    code, _, errors = run(repository, host)
    assert code == 0 and "stale entry: the host imports my-repo.com/a/b/two" in errors
    assert "python3 register.py --remove --plugin two" in errors
    assert run(repository, host, "--check")[0] == 1
    done(repository, host, "--remove", "--plugin", "two")
    assert run(repository, host, "--check")[0] == 0


# ---- warnings


def test_docker_cannot_see_a_folder_outside_the_checkout(repository, host):
    _, _, errors = run(repository, host)
    assert "lies outside the host checkout, so `make all` there, which builds in Docker, cannot see it" in errors
    inside = make_repository(host / "private" / "repo")
    code, _, errors = run(inside, host)
    assert (code, errors) == (0, "")
    assert f"{MODULE} => ./private/repo" in (host / "external_plugins.yml").read_text(encoding="utf-8")


def test_a_checkout_inside_the_repository(repository):
    inside = make_host(repository / "loongcollector")
    # Go 1.19 takes a bare `..` for the path of a module.
    assert "    - my-repo.com/a/b => ../\n" in done(repository, inside)
    assert "\t./loongcollector/pkg\n" in (repository / "go.work").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("replace my-repo.com/a/b => ../elsewhere", True),
        ("replace (\n\tx.example/y => ../y\n\tmy-repo.com/a/b v0.0.1 => /abs/repo // old\n)", True),
        ("replace my-repo.com/a/b => ../repo", False),
        ("replace my-repo.com/a/bc => ../elsewhere", False),
    ],
)
def test_a_replace_left_in_the_hosts_go_mod(repository, host, line, told):
    with (host / "go.mod").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    _, _, errors = run(repository, host)
    assert ("the host's go.mod still replaces my-repo.com/a/b by" in errors) is told
    assert (f"git -C {host.as_posix()} checkout go.mod go.sum" in errors) is told


@pytest.mark.parametrize(
    "registration", ['pipeline.AddServiceCreator("service_one", nil)', 'pipeline.ServiceInputs["service_one"] = nil']
)
def test_a_type_that_the_host_has_already(repository, host, registration):
    add_plugin(host / "plugins" / "input" / "one", registration)
    add_plugin(host / "plugins" / "input" / "mentions", '_ = "service_two"')
    code, _, errors = run(repository, host)
    assert code == 0 and "the host registers the type service_one too, in " in errors and "service_two" not in errors


def test_a_repository_among_the_hosts_plugins_does_not_warn_of_itself(host):
    inside = make_repository(host / "plugins" / "private")
    assert run(inside, host)[::2] == (0, "")


# ---- go.work


def test_go_work_links_the_checkout(repository, host):
    done(repository, host)
    assert (repository / "go.work").read_text(encoding="utf-8") == (
        "// Written by register.py: where the host checkout lies on this machine.\n"
        "go 1.23.12\n"
        "\n"
        "use (\n"
        "\t.\n"
        "\t../host/pkg\n"
        ")\n"
        "\n"
        "replace github.com/alibaba/ilogtail/pkg v0.0.0-20250828114530-a21f99a7e9b5 => ../host/pkg\n"
    )
    done(repository, host, "--remove")
    assert not (repository / "go.work").exists()


def test_a_go_work_of_the_author_is_not_touched(repository, host):
    (repository / "go.work").write_text("go 1.23\n\nuse .\n", encoding="utf-8")
    code, _, errors = run(repository, host)
    assert code == 2 and "was not written by register.py" in errors
    assert (repository / "go.work").read_text(encoding="utf-8") == "go 1.23\n\nuse .\n"
    assert not (host / "external_plugins.yml").exists()


@pytest.mark.go
@pytest.mark.parametrize("name", ["repo", "my repo", "re,po'[x]"])
def test_go_reads_the_paths_as_they_are_meant(tmp_path, go_environment, name):
    repository = make_repository(tmp_path / name)
    host = make_host(tmp_path / "the host")
    text = done(repository, host)

    def go(folder: Path, *arguments: str) -> str:
        environment = go_environment | {"GOPROXY": "off"}
        command = ["go", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
        ).stdout

    linked = go(repository, "list", "-m", "-f", "{{.Path}}={{.Dir}}", "all")
    assert f"github.com/alibaba/ilogtail/pkg={host / 'pkg'}" in linked.splitlines()
    # The builder copies the text of project.replaces into the host's go.mod.
    (replace,) = yaml.safe_load(text)["project"]["replaces"]
    with (host / "go.mod").open("a", encoding="utf-8") as file:
        file.write(f"\nreplace {replace}\n")
    edited = json.loads(go(host, "mod", "edit", "-json"))
    assert (host / edited["Replace"][0]["New"]["Path"]).resolve() == repository.resolve()


# ---- which host


def test_the_host_is_an_argument_or_the_environment_or_linked_or_beside(repository, tmp_path, monkeypatch):
    code, _, errors = run(repository)
    assert code == 2 and "no host checkout is known; name it: make register LOONGCOLLECTOR_HOME=" in errors
    beside = make_host(tmp_path / "loongcollector")
    assert run(repository)[0] == 0 and (beside / "external_plugins.yml").exists()
    second = make_host(tmp_path / "second")
    monkeypatch.setenv("LOONGCOLLECTOR_HOME", str(second))
    assert run(repository)[0] == 0 and (second / "external_plugins.yml").exists()
    monkeypatch.delenv("LOONGCOLLECTOR_HOME")
    (second / "external_plugins.yml").unlink()
    assert run(repository)[0] == 0 and (second / "external_plugins.yml").exists()  # through go.work
    monkeypatch.setenv("HOME", str(tmp_path))
    third = make_host(tmp_path / "third")
    assert run(repository, "~/third")[0] == 0 and (third / "external_plugins.yml").exists()
    assert run(repository, "third")[0] == 0  # relative to where one is


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "it has no go.mod"),
        ("module github.com/alibaba/loongcollector\n", "its module is 'github.com/alibaba/loongcollector'"),
        ("module github.com/alibaba/ilogtail/pkg\n", "its module is 'github.com/alibaba/ilogtail/pkg'"),
        ("go 1.23\n", "no module line"),
    ],
)
def test_a_folder_that_is_no_host_is_refused(repository, tmp_path, content, says):
    folder = tmp_path / "other"
    folder.mkdir()
    if content:
        (folder / "go.mod").write_text(content, encoding="utf-8")
    code, output, errors = run(repository, folder)
    assert (code, output) == (2, "") and says in errors and errors.count("\n") == 1
    assert not (folder / "external_plugins.yml").exists() and not (repository / "go.work").exists()


# ---- refusals


@pytest.mark.parametrize(
    ("source", "module", "says"),
    [
        ("v1", MODULE, "neither local, latest nor a published version; right: v1.2.0"),
        ("1.2.0", MODULE, "neither local, latest nor a published version"),
        ("main", MODULE, "neither local, latest nor a published version"),
        ("v0.0.0", MODULE, "neither local, latest nor a published version"),
        ("v1.2.0\n", MODULE, "neither local, latest nor a published version"),
        ("v2.0.0", MODULE, "does not fit the module 'my-repo.com/a/b'"),
        ("v1.0.0", f"{MODULE}/v2", "right: v2.0.0"),
        ("v2.1.0-rc.1", f"{MODULE}/v2", ""),
        ("v2.0.0+incompatible", MODULE, ""),
        ("v0.0.0-20260601025930-d17d98c2a592", MODULE, ""),
    ],
)
def test_a_version_that_go_would_not_take(tmp_path, host, source, module, says):
    repository = make_repository(tmp_path / "repo", module)
    code, _, errors = run(repository, host, "--source", source)
    assert code == (2 if says else 0) and says in errors


def test_a_plugin_that_is_none_is_refused(repository, host):
    code, _, errors = run(repository, host, "--plugin", "three")
    assert code == 2 and errors == "register.py: no plugin 'three' in this repository; there are: one, two\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("plugins:\n  common: [\n", 3, "not YAML"),
        ("plugins:\n\tcommon:\n", 2, "not YAML"),
        ("- a\n", 1, "the file is no mapping"),
        ("text\n", 1, "the file is no mapping"),
        ("plugins: []\n", 1, "plugins is no mapping"),
        ("plugins:\n  common: {a: b}\n", 2, "plugins.common is no list"),
        ("plugins:\n  linux: text\n", 2, "plugins.linux is no list"),
        ("plugins:\n  common:\n    - import: x\n    -\n", 4, "is empty; the builder would crash on it"),
        ("plugins:\n  debug:\n    - ~\n", 3, "is empty; the builder would crash on it"),
        ("plugins:\n  common:\n    - text\n", 3, "is no mapping with `gomod` and `import`"),
        ("plugins:\n  common:\n    - gomod: [x]\n", 3, "gomod of an element of plugins.common is no text"),
        ("plugins:\n  common:\nplugins:\n", 3, "the key 'plugins' stands twice"),
        ("plugins:\n  common:\n    - import: x\n      import: y\n", 4, "the key 'import' stands twice"),
        ("project:\n  replaces: text\n", 2, "project.replaces is no list"),
        ("project:\n  replaces:\n    -\n", 3, "an element of project.replaces is empty"),
        ("project:\n  go_envs: [x]\n", 2, "project.go_envs is no mapping"),
        ("project:\n  git_configs:\n    a: [x]\n", 3, "project.git_configs.a is no text"),
        ("plugins:\n---\nplugins:\n", 2, "a second document begins"),
        ("a: &x\n  common:\nplugins: *x\n", 3, "plugins is an alias or has a tag"),
        ("a: &x {}\nplugins:\n  <<: *x\n", 3, "plugins has a merge key"),
        ("a: &x\n  - import: x\nplugins:\n  common: *x\n", 4, "plugins.common is an alias or has a tag"),
        ("a: *x\n", 1, "the alias *x has no anchor"),
        ("plugins:\n  ? [common]\n  : []\n", 2, "a key of plugins is no text"),
        ("plugins:\n  common:\n    - gomod: !!binary aGk=\n", 3, "gomod of an element of plugins.common is no text"),
        ("project:\n  replaces:\n    - ' '\n", 3, "an element of project.replaces is empty"),
        ("# one\n\ufeffplugins:\n", 2, "a byte order mark inside the file, as left by joining two files"),
    ],
)  # fmt: skip
def test_what_the_builder_would_choke_on_is_refused_with_line_reason_and_snippet(repository, host, text, line, says):
    path = given(host, text)
    before = path.stat()
    code, output, errors = run(repository, host)
    after = path.stat()
    assert (code, output) == (2, "") and f"line {line}: " in errors and says in errors, errors
    assert errors.endswith("".join(f"    {line}\n" for line in LOCAL.splitlines()))
    assert path.read_bytes() == text.encode()
    assert (after.st_mtime_ns, after.st_ino, after.st_mode) == (before.st_mtime_ns, before.st_ino, before.st_mode)
    assert list(host.glob(".*")) == []
    assert not (repository / "go.work").exists()


def test_a_file_that_is_not_utf_8_is_refused_with_the_line(repository, host):
    path = host / "external_plugins.yml"
    path.write_bytes(b"plugins:\n  # \xff\n")
    code, _, errors = run(repository, host)
    assert code == 2 and "line 2: it is not UTF-8" in errors
    path.write_bytes("plugins:\n".encode("utf-16"))
    assert run(repository, host)[0] == 2


def test_without_pyyaml_one_line_says_so(repository, host, tmp_path):
    (tmp_path / "yaml.py").write_text("raise ImportError", encoding="utf-8")
    command = [sys.executable, "-B", str(repository / "register.py"), str(host)]
    environment = dict(os.environ) | {"PYTHONPATH": str(tmp_path)}
    result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 2
    assert result.stderr == "register.py: PyYAML is not installed for this Python; run: pip install PyYAML\n"


def test_the_template_needs_no_yaml_to_import_register(repository):
    code = "import sys, register; sys.exit('yaml' in sys.modules)"
    subprocess.run([sys.executable, "-B", "-c", code], cwd=repository, check=True)


def test_the_scripts_are_the_templates_own(repository):
    for name in ("all.py", "checkout.py", "register.py"):
        assert (repository / name).read_bytes() == (TEMPLATE / "{{cookiecutter.repo_name}}" / name).read_bytes()


def test_register_from_python_reports_what_it_did(repository, host):
    report = register.register(repository, host)
    assert report.changed and not report.stale and "registered in" in report.lines[0]
    assert [(e.category, e.version, e.imported) for e in register.registered(host, MODULE)] == [
        ("common", "v0.0.0", MODULE)
    ]
