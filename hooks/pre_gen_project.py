"""Refuse bad answers before anything is written: the rules are in loong_answers, all.py and checkout.py."""

import json
import os
import sys
from pathlib import Path

# tojson leaves nothing in the text that could end the literal
CONTEXT = json.loads(r"""{{ {"answers": cookiecutter, "template": template_folder} | tojson }}""")
ANSWERS, TEMPLATE = CONTEXT["answers"], CONTEXT["template"]

sys.dont_write_bytecode = True  # the template's folders hold nothing but the template
sys.path.insert(0, TEMPLATE)

from loong_answers import rules  # noqa: E402


def repository_problems(repository: Path) -> list[str]:
    """What stands in the way in an existing repository: another module, or a taken name."""
    if not (repository / "go.mod").is_file():
        return []
    all_py = rules.script("all")
    module = all_py.module_path(repository)
    if module != ANSWERS["module_path"]:
        where = ascii(repository.as_posix())
        return [
            f"module_path {rules.shown(ANSWERS['module_path'])}: {where} holds the module {module!a}; "
            "answer that, or another repo_name"
        ]
    name, kind, type_ = ANSWERS["plugin_name"], ANSWERS["plugin_kind"], ANSWERS["__plugin_type"]
    folder = repository / name
    found = all_py.registrations(folder) if folder.is_dir() else []
    if os.path.lexists(folder) and type_ not in [registration.type for registration in found]:
        return [
            f"plugin_name {rules.shown(name)}: {folder.as_posix()!a} exists and is no {kind} of that name; "
            f"take another name, for example {name}_2"
        ]
    return [
        f"plugin_name {rules.shown(name)}: {taken.file.as_posix()!a} registers the type {type_!a} already; "
        f"take another name, for example {name}_2"
        for other, registrations in all_py.packages(repository).items()
        for taken in registrations
        if other != name and taken.type == type_
    ]


def host_problems(repository: Path) -> list[str]:
    """What is wrong with the host checkout that the repository would be registered in."""
    home = ANSWERS["loongcollector_home"] or os.environ.get("LOONGCOLLECTOR_HOME", "")
    if not home or not ANSWERS.get("_output_dir"):  # cruft names no output folder: it works in temporary ones
        return []
    checkout = rules.script("checkout")
    host = checkout.find_host(home, Path(ANSWERS["_output_dir"]))
    try:
        checkout.check_host(host)
    except checkout.Refusal as refusal:
        return [f"loongcollector_home {rules.shown(home)}: {refusal}"]
    return [
        f"plugin_name {rules.shown(ANSWERS['plugin_name'])}: the host registers the type {type_!a} already, in "
        f"{path.as_posix()!a}, and one of the two would silently win; take another name"
        for type_, path in checkout.taken(host, [ANSWERS["__plugin_type"]], own=repository).items()
    ]


def main() -> None:
    """Print every problem on a line of its own and exit 1, or do nothing."""
    found = rules.problems(ANSWERS)
    lines = list(found.values())
    try:
        if not found.keys() & {"module_path", "plugin_name"}:
            lines += repository_problems(Path.cwd())
        if "loongcollector_home" not in found:
            lines += host_problems(Path.cwd())
    except rules.script("all").Refusal as refusal:
        lines.append(str(refusal))
    if lines:
        sys.exit(rules.report(lines))


if __name__ == "__main__":
    main()
