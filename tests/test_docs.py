"""The documentation site: both languages say the same, it tells the truth, and its commands run."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import QUESTIONS, TEMPLATE, Repository, copy_host

DOCS = TEMPLATE / "docs"
PAGES = sorted(path.relative_to(DOCS / "en").as_posix() for path in (DOCS / "en").rglob("*.md"))
FENCE = re.compile(
    r"^(?:(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=fence)[ ]*$|<!-- sh\n(?P<hidden>.*?)^-->$)",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
ANCHOR = re.compile(r"^#{1,6} .*\{ *#([\w-]+) *\}$", re.MULTILINE)
ELSEWHERE = ("http://", "https://")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its info string, its text and the line it begins on."""

    info: str
    text: str
    line: int


def read(language: str, page: str) -> str:
    """The text of a page."""
    return (DOCS / language / page).read_text(encoding="utf-8")


def blocks(language: str, page: str) -> list[Block]:
    """The fenced blocks of a page, in order.

    A comment that begins with `<!-- sh` is one, too: commands that make what the reader has, and the test has not.
    """
    text = read(language, page)
    return [
        Block(match["info"].strip() if match["fence"] else "sh", match["text"] or match["hidden"], line)
        for match in FENCE.finditer(text)
        for line in [text.count("\n", 0, match.start()) + 1]
    ]


def prose(language: str, page: str) -> str:
    """The text of a page without its fenced blocks."""
    return FENCE.sub("", read(language, page))


def rows(language: str, page: str) -> dict[str, list[str]]:
    """The table rows of a page that begin with code: that code -> the other cells."""
    found = {}
    for line in prose(language, page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0].startswith("`"):
            found.setdefault(cells[0].strip("`"), cells[1:])
    return found


def without_comments(text: str) -> list[str]:
    """The lines of shell code without what `#` begins."""
    return [re.sub(r"\s+#\s.*", "", line) for line in text.splitlines()]


# ---- two languages


def test_both_languages_have_the_same_pages() -> None:
    chinese = sorted(path.relative_to(DOCS / "zh").as_posix() for path in (DOCS / "zh").rglob("*.md"))
    assert PAGES == chinese, "docs/en and docs/zh differ; each page stands in both"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_same_form_in_both_languages(page: str) -> None:
    for language in ("en", "zh"):
        opened = len(re.findall(r"^(?:```|<!-- sh$|-->$)", read(language, page), re.MULTILINE))
        assert opened == 2 * len(blocks(language, page)), f"docs/{language}/{page}: a fenced block is not closed"
    english, chinese = blocks("en", page), blocks("zh", page)
    assert [block.info for block in english] == [block.info for block in chinese], f"{page}: the code blocks differ"
    for ours, theirs in zip(english, chinese, strict=True):
        assert without_comments(ours.text) == without_comments(theirs.text), (
            f"{page}: the blocks at docs/en line {ours.line} and docs/zh line {theirs.line} differ"
        )
    for what, pattern in (("headings", HEADING), ("anchors", ANCHOR), ("links", LINK)):
        in_english, in_chinese = pattern.findall(prose("en", page)), pattern.findall(prose("zh", page))
        assert in_english == in_chinese, f"{page}: the {what} differ"
    tables = [len(re.findall(r"^\|", prose(language, page), re.MULTILINE)) for language in ("en", "zh")]
    assert tables[0] == tables[1], f"{page}: the tables have {tables[0]} lines in English and {tables[1]} in Chinese"


@pytest.mark.parametrize("page", PAGES)
def test_chinese_is_punctuated_as_chinese(page: str) -> None:
    for number, line in enumerate(prose("zh", page).splitlines(), 1):
        text = LINK.sub("", CODE.sub("", line))
        wrong = re.search(r"[\u4e00-\u9fff][,;:?!(]|[,;?!)][\u4e00-\u9fff]", text)
        assert not wrong, f"docs/zh/{page}, prose line {number}: half-width punctuation at {wrong[0]!r}: {line}"


# ---- in step with the template


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_questions_page_has_every_question(language: str) -> None:
    table = rows(language, "reference/questions.md")
    questions = {key: default for key, default in QUESTIONS.items() if not key.startswith("_")}
    asked = [key for key in table if key in questions]
    assert asked == list(questions), f"docs/{language}/reference/questions.md: the questions, or their order, differ"
    text = prose(language, "reference/questions.md")
    for question, default in questions.items():
        cell = table[question][0]
        if isinstance(default, list):
            assert cell == f"`{default[0]}`", f"docs/{language}: the default of {question} is {default[0]}, not {cell}"
            separator = ", " if language == "en" else "、"
            choices = separator.join(f"`{choice}`" for choice in default)
            row = f"| `{question}` | {choices} |"
            assert row in text, f"docs/{language}: the choices of {question} are no longer: {row}"
        elif default == "":
            assert cell in ("empty", "空"), f"docs/{language}: {question} is empty by default, not {cell}"
        elif "{" not in default:  # what other answers give is told in words
            assert cell == f"`{default}`", f"docs/{language}: the default of {question} is {default}, not {cell}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_releases_page_has_every_release(language: str) -> None:
    table = rows(language, "reference/releases.md")
    expected = {name: [f"`{host['pkg']}`", host["go"]] for name, host in QUESTIONS["_hosts"].items()}
    assert table == expected, f"docs/{language}/reference/releases.md differs from _hosts in cookiecutter.json"
    assert list(table) == QUESTIONS["loongcollector_version"], "the releases stand in the order of the question"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_commands_page_has_every_target(language: str) -> None:
    makefile = (TEMPLATE / "{{cookiecutter.repo_name}}" / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)[1].split()
    table = rows(language, "reference/commands.md")
    documented = [key.removeprefix("make ") for key in table if key.startswith("make ")]
    assert documented == phony, f"docs/{language}/reference/commands.md differs from .PHONY of the generated Makefile"
    given = re.search(r"^GIVEN := (.*)$", makefile, re.MULTILINE)[1].split()
    named = {name.strip("`") for key in table for name in re.split(", |、", key)}
    assert set(given) <= named, f"docs/{language}/reference/commands.md lacks {set(given) - named}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_kinds_page_has_every_kind(language: str) -> None:
    table = rows(language, "reference/kinds.md")
    prefixes = {kind: f"`{about['prefix']}`" for kind, about in QUESTIONS["_kinds"].items()}
    documented = {kind: cells[0] for kind, cells in table.items()}
    assert documented == prefixes, f"docs/{language}/reference/kinds.md differs from _kinds in cookiecutter.json"
    for kind in QUESTIONS["_kinds"]:
        assert f"\n## {kind}\n" in prose(language, "reference/kinds.md"), f"no section about {kind}"


@pytest.mark.parametrize("script", ["register", "run", "all"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_of_a_script_has_every_option(language: str, script: str) -> None:
    source = (TEMPLATE / "{{cookiecutter.repo_name}}" / f"{script}.py").read_text(encoding="utf-8")
    options = set(re.findall(r"add_argument\(\s*\"(--[\w-]+)\"", source))
    assert options, f"no option found in {script}.py"
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", read(language, f"reference/{script}.md"))) - {"--no-input"}
    assert named == options, f"docs/{language}/reference/{script}.md tells of {named}, {script}.py has {options}"
    codes = {int(code) for code in re.findall(r"\b([012]) ", re.search(r"Exit codes?: ([^\"]*)", source)[1])}
    told = {int(code) for code in re.findall(r"^\| (\d) \|", prose(language, f"reference/{script}.md"), re.MULTILINE)}
    assert codes == told, f"docs/{language}/reference/{script}.md tells of exit codes {told}, {script}.py of {codes}"


# ---- links


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_links_between_pages_lead_somewhere(language: str, page: str) -> None:
    here = DOCS / language / page
    for link in LINK.findall(CODE.sub("code", prose(language, page))):
        if link.startswith(ELSEWHERE):
            continue
        name, _, anchor = link.partition("#")
        target = (here.parent / name).resolve() if name else here
        assert target.is_file(), f"docs/{language}/{page}: {link} leads to no file"
        anchors = ANCHOR.findall(target.read_text(encoding="utf-8")) if anchor else []
        # only an anchor that is written out is the same in both languages
        assert not anchor or anchor in anchors, f"docs/{language}/{page}: {link}: no heading has {{#{anchor}}}"


def test_every_page_is_in_the_navigation_and_only_there_once() -> None:
    config = (TEMPLATE / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^ +- .*: ([\w/-]+\.md)$", config[config.index("\nnav:") :], re.MULTILINE)
    assert sorted(listed) == PAGES, "nav of mkdocs.yml and docs/en differ"
    titles = re.findall(r"^ +- (.+?):", config[config.index("\nnav:") :], re.MULTILINE)
    translations = re.search(r"nav_translations:\n((?: {12}.*\n)+)", config)[1]
    for title in titles:
        assert f"\n            {title}: " in f"\n{translations}", (
            f"mkdocs.yml: no Chinese for {title!r} in the navigation"
        )


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    site = tmp_path / "site"
    # The variable is of mkdocs-material: without it, a banner tells of its own end of life.
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=TEMPLATE,
        env=dict(os.environ) | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert not re.search(r"\b(WARNING|ERROR)\b|Warning:", output), output
    for page in PAGES:
        name = re.sub(r"(?:(^|/)index)?\.md$", r"\1", page)
        for folder in (site, site / "zh"):
            assert (folder / name / "index.html").is_file(), f"{page} was not built into {folder}"
    loaded = {
        tag
        for path in site.rglob("*.html")
        for tag in re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=\"https?://[^>]*>", path.read_text("utf-8"))
        if not re.search(r"rel=\"(?:canonical|alternate)\"", tag)
    }
    assert not loaded, f"the site loads from elsewhere: {loaded}"


# ---- the commands


def runnable(page: str) -> list[Block]:
    """The blocks of a page that a test can run: `sh`, and nothing behind it."""
    return [block for block in blocks("en", page) if block.info == "sh"]


@pytest.mark.parametrize("page", PAGES)
def test_shell_blocks_are_marked_as_run_or_not(page: str) -> None:
    for block in blocks("en", page):
        assert block.info in {"sh", "sh norun", "console", "text", "yaml", "go"}, (
            f"docs/en/{page}, line {block.line}: a block is marked {block.info!r}; commands are `sh`, which a test "
            "runs, or `console`, which it does not"
        )
        prompt = any(line.startswith("$ ") for line in block.text.splitlines())
        assert prompt == (block.info == "console"), (
            f"docs/en/{page}, line {block.line}: commands of `console` blocks, and only they, begin with `$ `"
        )


@pytest.mark.slow
@pytest.mark.go
@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)])
def test_the_commands_of_a_page_run(page: str, tmp_path: Path, go_environment: dict[str, str]) -> None:
    """Its `sh` blocks run in order, and what its `yaml` and `go` blocks show is printed."""
    home = tmp_path / "home"
    home.mkdir()
    copy_host(home / "loongcollector")
    (home / "loong-plugin-template").symlink_to(TEMPLATE, target_is_directory=True)
    environment = go_environment | {
        "HOME": str(home),
        "PATH": os.pathsep.join([tools(tmp_path), go_environment["PATH"]]),
        "PYTHON": sys.executable,
        "GOCACHE": go_cache(go_environment),
    }
    script = "".join(f"echo '# docs/en/{page}, line {block.line}'\n{block.text}" for block in runnable(page))
    result = Repository(home, environment).run("bash", "-euo", "pipefail", "-c", script)
    for block in blocks("en", page):
        if block.info in ("yaml", "go"):
            assert block.text in result.stdout, (
                f"docs/en/{page}, line {block.line}: no command of the page prints\n{block.text}\n{result.stdout}"
            )


def tools(folder: Path) -> str:
    """A folder for PATH with cookiecutter and python3, both of the Python that runs the tests."""
    programs = folder / "bin"
    programs.mkdir()
    for name, arguments in (("python3", ""), ("cookiecutter", "-m cookiecutter ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return str(programs)


def go_cache(environment: dict[str, str]) -> str:
    """Where Go keeps what it has built: by default below the real HOME, and shared with the other tests."""
    return subprocess.run(
        ["go", "env", "GOCACHE"], env=environment, capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
