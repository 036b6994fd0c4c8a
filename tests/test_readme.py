"""The front page says what the template does, in both languages."""

import re
from pathlib import Path

import pytest
from conftest import QUESTIONS, TEMPLATE

READMES = ("README.md", "README.zh-CN.md")
PICTURE = TEMPLATE / "docs" / "images" / "run.svg"
CODE = re.compile(r"`([^`]+)`")
# What stands in the second column for a default that is empty or made from other answers.
IN_WORDS = {"repo_name", "plugin_description", "loongcollector_home", "copyright_holder"}


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest) -> str:
    return read(request.param)


def read(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    return [line.split()[0] for line in without_blocks(text).splitlines() if line.startswith("#")]


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of every code block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[str]:
    """The lines of a block without comments and without the labels of a diagram."""
    bare = re.sub(r"\(?\[.*?\]\)?", "[]", re.sub(r"#.*", "", block))
    return [line.strip() for line in bare.splitlines() if line.strip()]


def rows(text: str) -> list[list[str]]:
    """The cells of the table of questions."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def questions() -> dict[str, str | list[str]]:
    return {name: default for name, default in QUESTIONS.items() if not name.startswith("_")}


def links(text: str) -> list[str]:
    """The targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", without_blocks(text))


def test_both_languages_have_the_same_structure() -> None:
    english, chinese = map(read, READMES)
    assert headings(english) == headings(chinese)
    assert [language for language, _ in blocks(english)] == [language for language, _ in blocks(chinese)]
    assert [commands(block) for _, block in blocks(english)] == [commands(block) for _, block in blocks(chinese)]
    assert [row[0] for row in rows(english)] == [row[0] for row in rows(chinese)]
    assert [CODE.findall(" ".join(row)) for row in rows(english)] == [
        CODE.findall(" ".join(row)) for row in rows(chinese)
    ]


def test_the_table_has_every_question_in_order(readme: str) -> None:
    assert [row[0] for row in rows(readme)] == [f"`{name}`" for name in questions()]


def test_the_table_names_the_defaults_and_choices_there_are(readme: str) -> None:
    for (name, default), (_, enter, _) in zip(questions().items(), rows(readme), strict=True):
        expected = default if isinstance(default, list) else [default]
        assert CODE.findall(enter) == ([] if name in IN_WORDS else expected), name
        assert (name in IN_WORDS) == (expected[0] == "" or "{" in expected[0]), name


def test_examples_answer_questions_there_are(readme: str) -> None:
    examples = re.findall(r"cookiecutter gh:org/loong-plugin-template([^`\n]*)", readme)
    answers = dict(re.findall(r"([a-z_]+)=(\S+)", " ".join(examples)))
    assert answers
    for name, value in answers.items():
        default = questions()[name]
        assert value in default or isinstance(default, str), name
    for kind in re.findall(r"KIND=(\w+)", readme):
        assert kind in QUESTIONS["_kinds"]


def test_supported_releases_are_those_of_the_template(readme: str) -> None:
    releases = [line for line in readme.splitlines() if line.startswith("LoongCollector v")]
    assert len(releases) == 1
    assert re.findall(r"v\d+\.\d+\.\d+|\bmain\b", releases[0]) == list(QUESTIONS["_hosts"])
    assert set(QUESTIONS["_hosts"]) == set(QUESTIONS["loongcollector_version"])


def test_two_commands_set_up_and_ci_runs_these_two(readme: str) -> None:
    set_up = ["make new", "make test"]
    assert set_up in [commands(block) for language, block in blocks(readme) if language == "sh"]
    ci = (TEMPLATE / ".ci" / "run").read_text(encoding="utf-8")
    assert [line for line in ci.splitlines() if line.startswith("make")] == set_up


@pytest.mark.parametrize("name", READMES)
def test_each_links_the_other(name: str) -> None:
    assert set(READMES) - {name} <= set(links(read(name)))


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_to_files(name: str) -> None:
    missing = [link for link in links(read(name)) if ":" not in link and not Path(TEMPLATE, link).is_file()]
    assert not missing


def test_the_front_page_leads_to_everything() -> None:
    for name, documentation in zip(READMES, ("docs/en/index.md", "docs/zh/index.md"), strict=True):
        assert {documentation, "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"} <= set(links(read(name)))


def test_the_picture_is_complete_in_itself(readme: str) -> None:
    assert PICTURE.relative_to(TEMPLATE).as_posix() in links(readme)
    svg = PICTURE.read_text(encoding="utf-8")
    assert svg.startswith("<svg ")
    assert "url(" not in svg
    assert "href" not in svg
    assert not re.search(r"/(home|root|tmp|Users|work|var)/", svg)


def test_the_picture_shows_the_first_day() -> None:
    svg = PICTURE.read_text(encoding="utf-8").replace("&#160;", " ")
    for shown in ("cookiecutter gh:org/loong-plugin-template", "make test", "ok ", "make run", "heartbeat", "stopped"):
        assert shown in svg, shown
