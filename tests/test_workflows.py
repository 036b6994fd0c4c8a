"""The workflows, ours and the generated ones, run what the Makefile runs, pinned and with the least permissions."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import QUESTIONS, TEMPLATE, Repository, copy_host

GENERATED = "{{cookiecutter.repo_name}}"
GITHUB = ".github/workflows/ci.yml"
GITLAB = ".gitlab-ci.yml"
CHECKS = ["check", "vet", "lint", "test", "bench BENCHTIME=1x", "verify"]


def targets(makefile: Path) -> set[str]:
    """The targets of a Makefile."""
    return set(re.findall(r"^([a-z]+):", makefile.read_text(encoding="utf-8"), re.MULTILINE))


def make_targets(command: str) -> list[str]:
    """The targets that a make command asks for."""
    return [word for word in command.removeprefix("make ").split() if re.fullmatch(r"[a-z]+", word)]


def steps(workflow: dict) -> list[dict]:
    """All steps of a GitHub workflow."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow: dict) -> list[str]:
    """The commands of a GitHub workflow."""
    return [step["run"] for step in steps(workflow) if "run" in step]


@pytest.mark.parametrize(("ci", "file"), [("github", GITHUB), ("gitlab", GITLAB), ("none", None)])
def test_the_answer_decides_which_workflow_is_there(bake, ci, file):
    files = bake(ci=ci).files()
    assert {GITHUB, GITLAB} & files == {file} - {None}


@pytest.fixture
def github(bake) -> tuple[str, dict]:
    """The generated GitHub workflow, as text and parsed."""
    text = bake(module_path="code.example.com/team/group/plugins").read(GITHUB)
    return text, yaml.safe_load(text)


@pytest.fixture
def gitlab(bake) -> dict:
    """The generated GitLab pipeline."""
    return yaml.safe_load(bake(ci="gitlab", module_path="code.example.com/team/group/plugins").read(GITLAB))


def test_github_runs_the_targets_of_the_makefile_in_order(github):
    assert commands(github[1]) == [f"make {check}" for check in CHECKS]


def test_gitlab_runs_the_same_commands(gitlab):
    assert gitlab["check"]["script"] == [f"make {check}" for check in CHECKS]


def test_the_generated_makefile_has_these_targets():
    assert {check.split()[0] for check in CHECKS} <= targets(TEMPLATE / GENERATED / "Makefile")


@pytest.mark.parametrize("version", QUESTIONS["loongcollector_version"])
def test_the_host_is_checked_out_at_the_pinned_release(bake, version):
    ref = {"main": QUESTIONS["_hosts"]["main"]["pkg"].rpartition("-")[2]}.get(version, version)
    workflow = yaml.safe_load(bake(loongcollector_version=version).read(GITHUB))
    checkout = next(step for step in steps(workflow) if step.get("with", {}).get("path") == "loongcollector")
    assert checkout["with"]["repository"] == "alibaba/loongcollector"
    assert checkout["with"]["ref"].startswith(ref)


def test_gitlab_fetches_the_pinned_release(gitlab):
    variables = gitlab["check"]["variables"]
    assert variables["LOONGCOLLECTOR_REF"] == "v3.3.5"
    assert variables["LOONGCOLLECTOR_URL"] == "https://github.com/alibaba/loongcollector.git"


def rewritten(environment: dict[str, str], url: str) -> str:
    """The URL that git would really use."""
    clean = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "ls-remote", "--get-url", url]
    result = subprocess.run(command, env=clean | environment, capture_output=True, encoding="utf-8", check=True)
    return result.stdout.strip()


def test_github_gives_the_token_to_the_one_step_that_needs_it(github):
    text, workflow = github
    holders = [step for step in steps(workflow) if "secrets." in str(step)]
    assert [step["run"] for step in holders] == ["make vet"]
    assert text.count("secrets.") == str(holders).count("secrets.")
    filled = {
        name: str(value)
        .replace("${{ secrets.GO_MODULES_TOKEN && 1 || 0 }}", "1")
        .replace("${{ secrets.GO_MODULES_TOKEN }}", "s3cret")
        for name, value in holders[0]["env"].items()
    }
    assert rewritten(filled, "https://code.example.com/a/b") == "https://git:s3cret@code.example.com/a/b"
    assert rewritten(filled, "https://elsewhere.example.com/a") == "https://elsewhere.example.com/a"
    none = filled | {"GIT_CONFIG_COUNT": "0"}  # without the secret
    assert rewritten(none, "https://code.example.com/a/b") == "https://code.example.com/a/b"


@pytest.mark.skipif(os.name == "nt", reason="the job runs in a Linux container")
def test_gitlab_reads_private_modules_with_the_token_of_the_job(gitlab):
    exports = [line for line in gitlab["check"]["before_script"] if line.startswith("export ")]
    script = "; ".join([*exports, "git ls-remote --get-url https://gitlab.example.com/a/b"])
    environment = os.environ | {"CI_SERVER_HOST": "gitlab.example.com", "CI_JOB_TOKEN": "s3cret"}
    result = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, encoding="utf-8", check=True)
    assert result.stdout == "https://gitlab-ci-token:s3cret@gitlab.example.com/a/b\n"


def test_private_modules_are_not_asked_for_in_public(github, gitlab):
    assert github[1]["jobs"]["check"]["env"]["GOPRIVATE"] == "code.example.com/team"
    assert gitlab["check"]["variables"]["GOPRIVATE"] == "code.example.com/team"


def test_go_is_cached(github, gitlab):
    setup = next(step for step in steps(github[1]) if step.get("uses", "").startswith("actions/setup-go@"))
    assert setup["with"]["cache-dependency-path"].split() == ["repository/go.sum", "loongcollector/go.sum"]
    variables = gitlab["check"]["variables"]
    assert gitlab["check"]["cache"]["paths"] == [".cache/"]
    assert {variables["GOMODCACHE"], variables["GOCACHE"]} == {
        "$CI_PROJECT_DIR/.cache/mod",
        "$CI_PROJECT_DIR/.cache/build",
    }


OURS = sorted((TEMPLATE / ".github" / "workflows").glob("*.yml"))
GENERATED_SOURCE = (
    TEMPLATE / GENERATED / ".github" / "workflows" / "{% if cookiecutter.ci == 'github' %}ci.yml{% endif %}"
)


@pytest.mark.parametrize("path", [*OURS, GENERATED_SOURCE], ids=["ours", "weekly", "generated"])
def test_actions_are_pinned_and_permissions_minimal(path):
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    assert re.findall(r"permissions:\n((?:  .*\n)*)", text) == ["  contents: read\n"]
    checkouts = text.count("uses: actions/checkout@")
    assert text.count("persist-credentials: false") == checkouts > 0


def test_ours_does_what_ci_run_does_everywhere():
    workflow = yaml.safe_load((TEMPLATE / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13", "3.14"]
    assert commands(workflow) == ["bash .ci/run"]
    assert (TEMPLATE / ".ci" / "run").is_file()


def test_the_weekly_job_verifies_every_kind_in_the_newest_host():
    workflow = yaml.safe_load((TEMPLATE / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    assert "schedule" in workflow[True]  # YAML 1.1 reads the key `on` as true
    assert workflow["jobs"]["newest-host"]["strategy"]["matrix"]["kind"] == QUESTIONS["plugin_kind"]
    host = next(step["with"] for step in steps(workflow) if step.get("with", {}).get("path") == "loongcollector")
    assert (host["repository"], host["ref"]) == ("alibaba/loongcollector", "main")
    ours = targets(TEMPLATE / "Makefile")
    theirs = targets(TEMPLATE / GENERATED / "Makefile")
    for step in (step for step in steps(workflow) if "run" in step):
        known = ours if step["working-directory"] == "template" else theirs
        assert set(make_targets(step["run"])) <= known
    assert "make verify" in commands(workflow)


@pytest.mark.go
@pytest.mark.slow
def test_every_step_passes_in_a_fresh_repository(bake, tmp_path):
    repository: Repository = bake()
    host = copy_host(tmp_path / "loongcollector")
    for command in commands(yaml.safe_load(repository.read(GITHUB))):
        repository.make(*command.split()[1:], LOONGCOLLECTOR_HOME=str(host))
