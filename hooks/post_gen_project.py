"""Run the new repository's own all.py and register.py, and say how to go on."""

import json
import os
import sys
from pathlib import Path

# tojson leaves nothing in the text that could end the literal
CONTEXT = json.loads(
    r"""{{ {"answers": cookiecutter, "template": cookiecutter._template | template_on_this_machine} | tojson }}"""
)
ANSWERS, TEMPLATE_ON_THIS_MACHINE = CONTEXT["answers"], CONTEXT["template"]
REPOSITORY = Path.cwd()

sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY))

import all as all_py  # noqa: E402


def say(line: str) -> None:
    """Print a line of ours."""
    print(f"loong-plugin-template: {line}")


def remove_empty_folders() -> None:
    """Remove what is left of .github when the CI is another: cookiecutter cannot leave out a folder."""
    for folder in (REPOSITORY / ".github" / "workflows", REPOSITORY / ".github"):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def remember_template() -> None:
    """Note where the template lies on this machine, for `make plugin`, in a folder that git ignores.

    What means the same on every machine, such as a URL, stands in .cookiecutter.yaml.
    """
    if TEMPLATE_ON_THIS_MACHINE:
        folder = REPOSITORY / ".loong"
        folder.mkdir(exist_ok=True)
        all_py.write_text(folder / "template", f"{TEMPLATE_ON_THIS_MACHINE}\n")


def register_in_host() -> None:
    """Register the repository in the host checkout that was answered, or say how to do it later."""
    home = ANSWERS["loongcollector_home"] or os.environ.get("LOONGCOLLECTOR_HOME", "")
    if not ANSWERS.get("_output_dir"):  # cruft works in temporary folders and names no output folder
        return
    if not home:
        say(
            "not registered in a host yet; when you have a checkout: make register LOONGCOLLECTOR_HOME=~/loongcollector"
        )
        return
    import register
    from checkout import find_host

    host = find_host(home, Path(ANSWERS["_output_dir"]))
    plugins = [ANSWERS["plugin_name"]] if ANSWERS["register_import"] == "plugin" else []
    report = register.register(REPOSITORY, host, source=ANSWERS["register_source"], plugins=plugins)
    for line in (*report.lines, *(f"warning: {warning}" for warning in report.warnings)):
        say(line)


def main() -> None:
    """All of it, or exit 1 with one message."""
    try:
        remove_empty_folders()
        all_py.refresh(REPOSITORY)
        remember_template()
        register_in_host()
    except all_py.Refusal as refusal:
        say(str(refusal))
        sys.exit(
            "loong-plugin-template: a new repository was not kept and the host is as it was; in a repository that "
            "was there before, the new files stay: mend this, then run: make all register"
        )
    say(f"{ANSWERS['__plugin_type']} is in {ANSWERS['repo_name']}/{ANSWERS['plugin_name']}; next:")
    say(f"  cd {ANSWERS['repo_name']} && make test")


if __name__ == "__main__":
    main()
