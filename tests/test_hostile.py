"""Hostile answers to every question are refused or kept as text: nothing runs, nothing is written elsewhere."""

import subprocess
from itertools import chain
from pathlib import Path

import pytest
import yaml
from conftest import QUESTIONS, TEMPLATE, command_line

TEXTS = {
    "quotes": [
        "'",
        '"',
        "`",
        "'''",
        '"""',
        "''\"\"",
        "a'b",
        'a"b',
        'a\\"b',
        "\\'",
        "it's",
        '"; import os; "',
        "');x=('",
    ],
    "backslashes": ["\\", "\\\\", "a\\", "\\n", "\\u0027", "\\x00", "C:\\x", "\\N{BULLET}", "%s%n", "\\/"],
    "lines": [
        "\n",
        "a\nb",
        "a\r\nb",
        "\r",
        "a\n// x",
        "a\n\npackage x",
        "a\u2028b",
        "a\u2029b",
        "a\x0bb",
        "a\x0cb",
        "\x85",
    ],
    "controls": ["\x01", "a\x1b[31mb", "\x7f", "a\tb", "\b"],
    "jinja": [
        "{{ 7 * 7 }}",
        "{{ cookiecutter }}",
        "{{ undefined }}",
        "{{",
        "}}",
        "{% include 'x' %}",
        "{%",
        "{% raw %}",
        "{# x #}",
        "{{ cycler.__init__.__globals__.os.system('touch CANARY') }}",
        "{{ cookiecutter.__class__.__mro__ }}",
        "{{cookiecutter.repo_name}}",
    ],
    "shell": [
        "$(touch CANARY)",
        "`touch CANARY`",
        "; touch CANARY",
        "| touch CANARY",
        "&& touch CANARY",
        "$HOME",
        "${PATH}",
        "%PATH%",
        "> CANARY",
        "-rf",
        "--help",
        "!!",
    ],
    "paths": [
        "../x",
        "../../x",
        "/",
        "/CANARY",
        ".",
        "..",
        "./x",
        "a/../../b",
        "~",
        "~root",
        "C:",
        "C:\\CANARY",
        "\\\\host\\x",
        "a//b",
        "file:///CANARY",
        "//x",
    ],
    "long": ["a" * 10_000, "é" * 300, "a/" * 3_000, " " * 600, "界" * 10_000],
    "unicode": [
        "\u0430dmin",
        "\uff4dask",
        "mask\u200b",
        "\u202emask",
        "ma\u200fsk",
        "\u2066x\u2069",
        "İ",
        "ß",
        "é",
        "e\u0301",
        "😀",
        "\ufeffmask",
        "\ufffe",
        "插件",
        "\ud800",
    ],
    "windows": ["CON", "nul", "aux.txt", "COM1", "lpt9.go", "x.", "x ", "a:b", "a?b", "a*b", "<x>", "CLOCK$"],
    "go": [
        "func",
        "_",
        "init",
        "main",
        "x_test",
        "x_windows",
        "*/",
        "/*",
        "//",
        "//go:build ignore",
        'import "os"',
        "package x",
        "any",
        "nil",
    ],
    "yaml": [
        "- a",
        "a: b",
        "# x",
        "&a",
        "*a",
        "!!python/object:os.system",
        "---",
        "...",
        "|",
        ">",
        "@x",
        "%x",
        "null",
        "~x",
        "yes",
        "0x1F",
        "1e3",
        "[a",
        "{a",
    ],
    "make": ["$(shell touch CANARY)", "$$", "x\\", "a=b", "a:=b"],
}
CHOICES = [name for name, default in QUESTIONS.items() if isinstance(default, list) and name[0] != "_"]
FREE = [name for name, default in QUESTIONS.items() if isinstance(default, str) and name[0] != "_"]


def test_there_are_a_few_hundred_answers_to_try():
    assert sum(map(len, TEXTS.values())) * len(CHOICES + FREE) > 500


@pytest.mark.slow
@pytest.mark.parametrize("group", TEXTS)
@pytest.mark.parametrize("variable", FREE)
def test_a_hostile_text_is_refused_or_kept(cookies, capfd, tmp_path, monkeypatch, variable, group):
    working_folder = tmp_path / "here"
    working_folder.mkdir()
    monkeypatch.chdir(working_folder)
    kept = []
    for text in TEXTS[group]:
        answers = {"repo_name": "x", "plugin_description": "x", variable: text}
        result = cookies.bake(extra_context=answers)
        output = capfd.readouterr()
        assert list(working_folder.iterdir()) == []  # no canary, no stray file
        if result.exit_code == 0:
            kept.append(result.project_path)
            recorded = yaml.safe_load((result.project_path / ".cookiecutter.yaml").read_text(encoding="utf-8"))
            assert variable == "loongcollector_home" or recorded["default_context"][variable] == text
        else:
            lines = (output.err + str(result.exception)).splitlines()
            told = [line for line in lines if line.startswith("loong-plugin-template: ")]
            assert told and all(line.isascii() for line in told), (text, output.err, result.exception)
    assert not Path("/CANARY").exists()
    assert not [canary for repository in kept for canary in repository.rglob("*CANARY*")]
    if kept:
        command = ["gofmt", "-l", *map(str, kept)]
        formatted = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert (formatted.stdout, formatted.stderr, formatted.returncode) == ("", "", 0)


@pytest.mark.parametrize("variable", CHOICES)
def test_a_hostile_choice_is_refused(cookies, variable):
    for text in set(chain(*TEXTS.values())) - set(QUESTIONS[variable]):
        result = cookies.bake(extra_context={variable: text})
        assert isinstance(result.exception, ValueError) and "but the choices are" in str(result.exception)


@pytest.mark.parametrize("variable", FREE)
def test_the_command_line_shows_a_message_above_any_traceback(tmp_path, variable):
    for text in ("a\nb", "\u202e{{ x }}", "\x1b[31m"):
        result = command_line(str(TEMPLATE), "--no-input", f"{variable}={text}", cwd=tmp_path, expect=None)
        assert result.returncode == 1
        output = result.stderr
        assert output.startswith("loong-plugin-template: "), output
        assert list(tmp_path.iterdir()) == []
