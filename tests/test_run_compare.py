"""What counts as promised, what counts as printed, and when the two fit."""

from pathlib import Path

import pytest

from loong_answers import rules

for name in ("all", "register", "run"):
    rules.script(name)
run = rules.script("run")
Refusal = rules.script("all").Refusal


@pytest.mark.parametrize(
    ("sample", "actual"),
    [
        ({"a": "x"}, {"a": "x"}),
        ({"a": "x"}, {"a": "x", "b": "more keys are allowed"}),
        ({}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ({"a": "<anything>"}, {"a": 12}),
        ({"a": "<anything>"}, {"a": {"b": None}}),
        ({"a": "<the time>"}, {"a": "<the time>"}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {"a": None}),
        ({"a": ["x", "y"]}, {"a": ["z", "y", "x"]}),
        ({"a": [{"k": "<any>"}]}, {"a": [1, {"k": 2, "l": 3}]}),
    ],
)
def test_fits(sample, actual):
    assert run.differences(sample, actual) == []


@pytest.mark.parametrize(
    ("sample", "actual", "difference"),
    [
        ({"a": "x"}, {"a": "y"}, 'a: promised "x", printed "y"'),
        ({"a": "x"}, {"b": "x"}, 'a: promised "x", missing'),
        ({"a": "<anything>"}, {"b": 1}, 'a: promised "<anything>", missing'),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, "a.b.c: promised 1, printed 2"),
        ({"a": {"b": 1}}, {"a": "b"}, 'a: promised {"b": 1}, printed "b"'),
        ({"a": 1}, {"a": "1"}, 'a: promised 1, printed "1"'),
        ({"a": 1}, {"a": True}, "a: promised 1, printed true"),
        ({"a": 0}, {"a": None}, "a: promised 0, printed null"),
        ({"a": ["x"]}, {"a": []}, 'a: promised an element "x", missing'),
        ({"a": ["x"]}, {"a": "x"}, 'a: promised ["x"], printed "x"'),
        ({"a": "<>"}, {"a": "x"}, 'a: promised "<>", printed "x"'),
        ({"a": "a < b"}, {"a": "x"}, 'a: promised "a < b", printed "x"'),
    ],
)
def test_does_not_fit(sample, actual, difference):
    assert run.differences(sample, actual) == [difference]


def test_all_differences_of_a_line_are_told():
    assert run.differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 0}) == [
        "b: promised 2, printed 0",
        "c: promised 3, missing",
    ]


def test_events_are_the_objects_that_flusher_stdout_or_a_plugin_prints():
    lines = [
        'global config :  {"InputIntervalMs":5000}',
        "plugin config :  [{",
        '2026-06-01 10:00:00 {"a":"x"}',
        '{"b":"a plugin of ours prints without the time"}',
        '2026-06-01 10:00:00 {"c":"}{"}\t',
        '2026-06-01 10:00:00 {"byteArray":"\x01"}',
        '2026-06-01 10:00:00 {"cut": ',
        "2026-06-01 10:00:00 [1]",
        "",
    ]
    assert run.events(lines) == [{"a": "x"}, {"b": "a plugin of ours prints without the time"}, {"c": "}{"}]


def test_each_promise_needs_a_line_of_its_own_or_a_shared_one():
    printed = ['{"a":1,"b":2}', '{"a":2}']
    assert run.missing([{"a": 1}, {"b": 2}, {"a": 2}], printed) == []
    assert run.missing([{"a": 2, "b": 2}, {"a": 1}], printed) == [{"a": 2, "b": 2}]


def test_the_closest_line_is_the_one_with_the_fewest_differences():
    lines = ['{"a":0,"b":0}', '{"a":1,"b":0}', '{"a":0,"b":0,"c":0}']
    assert run.report({"a": 1, "b": 2}, lines) == (
        '  promised: {"a": 1, "b": 2}\n  closest:  {"a": 1, "b": 0}\n    b: promised 2, printed 0'
    )


def test_without_an_event_the_last_line_is_shown():
    assert run.report({"a": 1}, ["panic: boom"]) == (
        '  promised: {"a": 1}\n  printed:  no event; the last line it printed: panic: boom'
    )


def sample(root: Path, readme: str, version: str = "v1") -> list[dict]:
    """What a README promises."""
    (root / "p").mkdir()
    (root / "p" / "README.md").write_text(readme, encoding="utf-8")
    return run.promised(root, run.Sample("p", version, root / "p" / f"pipeline_{version}.json", frozenset()))


README = """\
# A plugin

```json
{"no":"promise"}
```
```json output=v1
{"a": "<any>"}

{"b": 1}
```
* in a list
  ~~~ json output=v1
{"c":"```"}
  ~~~
```json output=v2
{"a": 2}
```
```json output=v1 and more
{"no":"promise"}
```
"""


def test_the_promise_is_in_the_fenced_blocks_of_the_version(tmp_path):
    assert sample(tmp_path, README) == [{"a": "<any>"}, {"b": 1}, {"c": "```"}]


def test_the_other_version_has_its_own(tmp_path):
    assert sample(tmp_path, README, "v2") == [{"a": 2}]


@pytest.mark.parametrize("line", ["{", "[1]", "2026-06-01 10:00:00 {}", '"text"'])
def test_a_promised_line_that_is_no_object_is_refused(tmp_path, line):
    with pytest.raises(Refusal, match=r"^p/README.md, line 3: no JSON object on one line"):
        sample(tmp_path, f"# p\n```json output=v1\n{line}\n```\n")


@pytest.mark.parametrize("readme", ["", "# p\n", "```json output=v1\n```\n", '```json output=v2\n{"a":1}\n```\n'])
def test_no_promise_is_refused(tmp_path, readme):
    with pytest.raises(Refusal, match=r"^p/README.md promises no output of pipeline_v1.json"):
        sample(tmp_path, readme)


def test_problems_are_warnings_and_errors_with_the_lines_that_belong_to_them():
    head = "2026-06-01 10:00:00"
    lines = [
        f"{head} [INF] [a.go:1] [f] fine",
        f"{head} [WRN] [a.go:1] [f] careful",
        f"{head} [ERR] [a.go:1] [f] AlarmType:METRIC_INPUT_V2_START_FAILURE\ttype assertion:failure",
        "continues what is not shown",
        f"{head} [CRT] [a.go:1] [f] panicked",
        "goroutine 1",
        f"{head} [DBG] [a.go:1] [f] [ERR] is only mentioned",
    ]
    assert run.problems(lines) == [lines[1], lines[4], lines[5]]


def test_a_tail_gives_each_whole_line_once(tmp_path):
    path = tmp_path / "log"
    tail = run.Tail(path)
    assert tail.lines() == []
    path.write_bytes(b"one\ntw")
    assert tail.lines() == ["one"]
    assert tail.lines() == []
    with path.open("ab") as file:
        file.write(b"o\r\n\xff\n")
    assert tail.lines() == ["two", "\N{REPLACEMENT CHARACTER}"]
