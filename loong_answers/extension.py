"""What the templates need beyond plain Jinja; cookiecutter finds it through `_extensions` in cookiecutter.json."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, Template
from jinja2.ext import Extension

from loong_answers import rules

TEMPLATE = Path(__file__).resolve().parents[1]
STARTED_IN = Path.cwd()  # cookiecutter loads this module before it changes folders


class LoongExtension(Extension):
    """The filters and globals of this template, and answers that are data, never code.

    Cookiecutter renders every answer that comes from the command line or from a config file as a Jinja template
    of its own. Here only the strings of cookiecutter.json are templates; any other one stays the text it is.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["template_folder"] = str(TEMPLATE)
        environment.filters.update(
            checked=checked,
            go_package=go_package,
            quoted=quoted,
            template_on_this_machine=template_on_this_machine,
            template_url=template_url,
        )
        questions = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
        hooks = {hook.read_text(encoding="utf-8") for hook in (TEMPLATE / "hooks").glob("*.py")}
        own = hooks.union(strings(questions))
        from_string = environment.from_string

        def from_own_string(source: str, *arguments: object, **options: object) -> Template:
            # An environment with a loader renders the template's files and their names, not answers.
            if environment.loader is not None or source in own:
                return from_string(source, *arguments, **options)
            if source == rules.GENERATED.name:  # the folder to generate, once all is answered
                return from_string(
                    "{% if cookiecutter.__checked is defined %}" + source + "{% else %}{{ text }}{% endif %}",
                    {"text": source},
                )
            return from_string("{{ text }}", {"text": source})

        environment.from_string = from_own_string


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)


def quoted(text: str) -> str:
    """The text as a double-quoted literal that Go, JSON and YAML read alike."""
    return json.dumps(text, ensure_ascii=False)


def go_package(folder: str) -> str:
    """A Go package name made from a folder's name: `my-plugins.go` -> `my_plugins_go`."""
    name = re.sub(r"[^a-z0-9_]", "_", folder.lower())
    if not name[:1].isalpha():
        name = f"p{name}" if name[:1] == "_" else f"p_{name}"
    return f"{name}_plugins" if name in rules.GO_WORDS or name == "main" or name.endswith("_test") else name


def template_url(template: str) -> str:
    """Where every machine finds the template: the URL or abbreviation it was called by; empty for a local path.

    What a web address says of user and password is left out: the answer is for a file that is committed.
    """
    return re.sub(r"^(https?://)[^/@]*@", r"\1", template) if rules.is_portable(template) else ""


def template_on_this_machine(template: str) -> str:
    """The absolute path of a template that was called by a local path (a folder or a zip); empty for a URL."""
    return "" if rules.is_portable(template) else str(STARTED_IN / Path(template.removeprefix("file://")).expanduser())


def checked(given: Mapping[str, str]) -> str:
    """Stop before cookiecutter makes a folder that it should not make.

    The rest of the rules can wait for the pre_gen hook, which knows the host and the folder; but by then the
    folder named by repo_name exists.
    """
    if rules.folder_name_problem(given["repo_name"]):
        raise SystemExit(rules.report(rules.problems(given).values()))
    return ""
