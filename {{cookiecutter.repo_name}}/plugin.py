#!/usr/bin/env python3
"""Add a plugin to this repository: python plugin.py KIND NAME

Generates the plugin with the template and the answers that .cookiecutter.yaml records, in a scratch folder, and
moves in the plugin's own folder, all or nothing. all.go is refreshed; where the host imports single plugins instead
of the whole repository, the new one is registered like the others. No other file is touched.

Needs cookiecutter (`pipx install cookiecutter`) and PyYAML. Exit codes: 0 done; 2 an error, and nothing was added.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import register
from all import Refusal, check_unique, module_path, packages, read_text, reason, refresh, registrations
from checkout import find_host, is_host, taken

PER_PLUGIN = ("plugin_kind", "plugin_name", "plugin_description", "loongcollector_home")
EXAMPLE = "make plugin KIND=processor NAME=mask"


def add_plugin(
    root: Path, kind: str, name: str, description: str = "", platform: str = "", template: str = "", host: str = ""
) -> list[str]:
    """Add a plugin to the repository at root; return the lines that tell what was done.

    template: where to take the template from; empty for where the repository came from.
    host: a host checkout; empty for the one this repository is linked to, if any.
    Raises Refusal when an argument is wrong, the name or the type is taken, or the template fails.
    """
    if not kind or not name:
        raise Refusal(f"a plugin needs a KIND and a NAME; right: {EXAMPLE}")
    folder = root / name
    if os.path.lexists(folder):
        raise Refusal(
            f"{name!a} is taken: the folder exists; take another name, such as NAME={name}_2, or delete the folder "
            "and run: make all"
        )
    recorded = read_answers(root)
    source, checkout = template_location(root, recorded, template)
    scratch_parent = root / ".loong"
    scratch_parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch_parent) as scratch:
        answers = {"plugin_kind": kind, "plugin_name": name}
        answers |= {"plugin_description": description} if description else {}
        answers |= {"plugin_platform": platform} if platform else {}
        generated = generate(Path(scratch), source, checkout, recorded["default_context"], answers) / name
        check_types(root, generated, host)
        generated.rename(folder)
    refresh(root)
    done = [f"added {name}/ and refreshed all.go"]
    return done + register_like_the_others(root, name, host)


def read_answers(root: Path) -> dict:
    """What .cookiecutter.yaml records; raises Refusal when it is missing or broken."""
    import yaml

    path = root / ".cookiecutter.yaml"
    if not path.is_file():
        raise Refusal(
            f"no {path.name} in {root.as_posix()!a}: it holds the answers of the repository; restore it from git"
        )
    try:
        recorded = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise Refusal(f"{path.name}, line {line}: not YAML; restore it with: git checkout {path.name}") from error
    if not isinstance(recorded, dict) or not isinstance(recorded.get("default_context"), dict):
        raise Refusal(f"{path.name} holds no default_context; restore it with: git checkout {path.name}")
    return recorded


def template_location(root: Path, recorded: dict, given: str) -> tuple[str, str]:
    """The template to use, and the branch, tag or commit of it, which may be empty.

    A template that was called by a URL stands in .cookiecutter.yaml; one from a folder or a zip of this machine, in
    .loong/template, which git ignores. Raises Refusal when there is neither.
    """
    if given:
        return (str(Path(given).expanduser()) if given.startswith("~") else given), ""
    if recorded.get("template"):
        return str(recorded["template"]), str(recorded.get("checkout") or "")
    local = root / ".loong" / "template"
    if local.is_file():
        return read_text(local).strip(), ""
    raise Refusal(
        "the repository was made from a template on another machine; say where the template is here: "
        f"{EXAMPLE} TEMPLATE=~/loong-plugin-template"
    )


def generate(scratch: Path, source: str, checkout: str, recorded: dict, answers: dict) -> Path:
    """Run cookiecutter in the scratch folder; return the repository it made. Raises Refusal when it fails.

    recorded: the answers of the repository; those that belong to its first plugin are left out.
    answers: what this plugin adds.
    """
    import yaml

    config = scratch / "answers.yaml"
    output = scratch / "output"
    output.mkdir()
    dirs = {"cookiecutters_dir": str(scratch / "templates"), "replay_dir": str(scratch / "replay")}
    defaults = {key: value for key, value in recorded.items() if key not in PER_PLUGIN}
    text = yaml.safe_dump({"default_context": defaults, **dirs}, allow_unicode=True)
    config.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "cookiecutter", source, "--no-input", "--config-file", str(config)]
    command += ["--output-dir", str(output), *(["--checkout", checkout] if checkout else [])]
    command += [f"{variable}={answer}" for variable, answer in answers.items()]
    environment = {key: value for key, value in os.environ.items() if key != "LOONGCOLLECTOR_HOME"}
    try:
        result = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise Refusal(f"cannot run cookiecutter: {reason(error)}; install it with: pip install cookiecutter") from error
    made = [path for path in output.iterdir() if path.is_dir()]
    if result.returncode or len(made) != 1:
        raise Refusal(explain(result.stdout + result.stderr, source))
    return made[0]


def explain(output: bytes, source: str) -> str:
    """The lines of cookiecutter's output that tell the user what is wrong."""
    lines = output.decode("utf-8", "replace").splitlines()
    if any("No module named cookiecutter" in line for line in lines):
        return "cookiecutter is not installed for this Python; run: pip install cookiecutter"
    prefix = "loong-plugin-template: "
    ours = [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
    if ours:
        return ascii("; ".join(ours))[1:-1]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no message")
    # cookiecutter's own words for a bad choice: "ValueError: x provided for choice variable y, but the choices are z."
    choice = re.search(r"(\S*) provided for choice variable plugin_(\w+), but the choices are \[(.*)\]", last)
    if choice:
        allowed = choice[3].replace("'", "")
        return ascii(f"{choice[2].upper()}={choice[1]} is none of {allowed}; right: {EXAMPLE}")[1:-1]
    return f"the template {source!a} failed: {ascii(last)[1:-1]}"


def check_types(root: Path, folder: Path, host: str) -> None:
    """Raise Refusal when a plugin of this repository or of the host registers one of the new folder's types."""
    new = registrations(folder)
    check_unique(root, {**packages(root), "new": new})
    checkout = find_host(host or None, root)
    if checkout is None:
        return
    for type_, path in taken(checkout, [registration.type for registration in new], own=root).items():
        raise Refusal(
            f"the host registers the type {type_!a} already, in {path.as_posix()!a}, and one of the two would "
            f"silently win; take another name, such as NAME={folder.name}_2"
        )


def register_like_the_others(root: Path, name: str, host: str) -> list[str]:
    """Register the plugin where the host imports plugins of this repository one by one; return what was done."""
    checkout = find_host(host or None, root)
    if checkout is None or not is_host(checkout):
        return [
            "registered in no host yet; when you have a checkout: make register LOONGCOLLECTOR_HOME=~/loongcollector"
        ]
    module = module_path(root)
    entries = register.registered(checkout, module)
    if not entries or any(entry.imported == module for entry in entries):
        return []  # not registered at all, or with everything that all.go imports
    source = "local" if entries[0].version == register.PLACEHOLDER else entries[0].version
    report = register.register(root, checkout, source, [name])
    return [*report.lines, *(f"warning: {warning}" for warning in report.warnings)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    import argparse

    parser = argparse.ArgumentParser(prog="plugin.py", description="Add a plugin to this repository.")
    parser.add_argument("kind", metavar="KIND", help="processor, for example; a wrong one lists them all")
    parser.add_argument("name", metavar="NAME", help="folder, Go package and, after the kind's prefix, type")
    parser.add_argument("--description", default="", help="what the plugin does, in a sentence")
    parser.add_argument("--platform", default="", help="all, linux or windows; as recorded when left out")
    parser.add_argument(
        "--template", default="", help="the template to use; where the repository came from, if left out"
    )
    options = parser.parse_args(arguments)
    try:
        root = Path(__file__).resolve().parent
        done = add_plugin(root, options.kind, options.name, options.description, options.platform, options.template)
    except Refusal as refusal:
        print(f"plugin.py: {refusal}", file=sys.stderr)
        return 2
    print("\n".join(done))
    return 0


if __name__ == "__main__":
    sys.exit(main())
