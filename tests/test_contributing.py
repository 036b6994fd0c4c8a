"""CONTRIBUTING.md and the issue templates are in step with the repository."""

import os
import re
import subprocess

import pytest
import yaml
from conftest import QUESTIONS, REAL_HOST, TEMPLATE

CONTRIBUTING = (TEMPLATE / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh.*?\n(.*?)^```$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
PINNING = next(block for block in BLOCKS if "git log" in block)  # how to pin a release, shown for one of them


def test_the_layout_names_what_is_there():
    table = CONTRIBUTING.split("## Layout")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [path.split("<")[0] for cell in cells for path in re.findall(r"`([^`]+)`", cell)]
    for path in named:
        assert (TEMPLATE / path).exists() or (TEMPLATE / "templates" / path).exists(), path
    tracked = subprocess.run(["git", "ls-files"], cwd=TEMPLATE, capture_output=True, encoding="utf-8", check=True)
    folders = {path.split("/")[0] for path in tracked.stdout.splitlines() if "/" in path and path[0] != "."}
    assert folders <= {path.split("/")[0] for path in named}
    assert len(cells) == 10


def test_its_commands_are_targets_of_the_makefile():
    makefile = (TEMPLATE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)[1].split())
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", CONTRIBUTING, re.MULTILINE))
    assert named and named <= targets, named - targets


@pytest.mark.real_host
@pytest.mark.slow
@pytest.mark.skipif(not REAL_HOST, reason="LOONGCOLLECTOR_HOME names no real host checkout")
def test_the_way_to_pin_a_release_gives_what_is_pinned():
    shown = re.search(r" (v\d+\.\d+\.\d+)$", PINNING, re.MULTILINE)[1]
    checked = 0
    for host in QUESTIONS["_hosts"].values():
        known = ["git", "cat-file", "-e", f"{host['ref']}^{{commit}}"]
        if subprocess.run(known, cwd=REAL_HOST, capture_output=True, check=False).returncode:
            continue  # the checkout need not have every tag
        command = ["sh", "-ec", PINNING.replace(shown, host["ref"])]
        result = subprocess.run(
            command, cwd=REAL_HOST, env=dict(os.environ), capture_output=True, encoding="utf-8", check=True
        )
        assert result.stdout.splitlines() == [host["pkg"], host["go"]], host["ref"]
        checked += 1
    assert checked


@pytest.mark.parametrize("path", sorted((TEMPLATE / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda p: p.name)
def test_issue_templates_are_forms(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "config.yml":
        assert all({"name", "url", "about"} == set(link) for link in form["contact_links"])
        return
    assert {"name", "description", "body"} <= set(form)
    identifiers = [field["id"] for field in form["body"]]
    assert len(set(identifiers)) == len(identifiers)
    for field in form["body"]:
        assert field["type"] in ("input", "textarea", "dropdown", "checkboxes")
        assert field["attributes"]["label"]
