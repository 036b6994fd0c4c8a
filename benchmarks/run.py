"""Measure scaffolding and registering as ratios; see README.md beside this file.

python benchmarks/run.py [--rounds 15] [--json build/benchmarks.json]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
ENTRIES = (1, 100, 1_000, 10_000)


def make_host(folder: Path, entries: int = 0) -> Path:
    """A folder that register.py takes for a host checkout, with so many entries of others."""
    (folder / "pkg").mkdir(parents=True)
    (folder / "go.mod").write_text("module github.com/alibaba/ilogtail\n\ngo 1.23.12\n", encoding="utf-8")
    (folder / "pkg" / "go.mod").write_text("module github.com/alibaba/ilogtail/pkg\n\ngo 1.23.12\n", encoding="utf-8")
    if entries:
        lines = ["# private plugins", "plugins:", "  common:"]
        for number in range(entries):
            lines += [
                f"    - gomod: other.example/team/plugins{number} v1.0.{number}",
                f"      import: other.example/team/plugins{number}",
            ]
        (folder / "external_plugins.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def cookiecutter(template: Path, output: Path, *arguments: str) -> None:
    """One whole run of the command line."""
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", "-o", str(output), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "LOONGCOLLECTOR_HOME"}
    subprocess.run(command, check=True, capture_output=True, env=environment)


def timed(action: Callable[[], None]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def scaffolding(scratch: Path, rounds: int) -> list[dict]:
    """Median seconds of each way to scaffold, and the ratio to an empty template."""
    empty = scratch / "empty"
    (empty / "{{cookiecutter.name}}").mkdir(parents=True)
    (empty / "cookiecutter.json").write_text('{"name": "empty"}', encoding="utf-8")
    host = make_host(scratch / "loongcollector")
    repository = scratch / "second"
    cookiecutter(TEMPLATE, repository)
    second = ("-f", "-s", "plugin_name=mask")
    cases = {
        "empty template": lambda output: cookiecutter(empty, output),
        "no host": lambda output: cookiecutter(TEMPLATE, output),
        "registered in a host": lambda output: cookiecutter(TEMPLATE, output, f"loongcollector_home={host}"),
        "second plugin": lambda _output: cookiecutter(TEMPLATE, repository, *second),
    }
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            shutil.rmtree(repository / "my_plugins" / "mask", ignore_errors=True)
            (host / "external_plugins.yml").unlink(missing_ok=True)
            output = scratch / f"{name}{number}"
            taken = timed(lambda case=case, output=output: case(output))
            if number:  # the first round warms the caches
                seconds[name].append(taken)
    base = statistics.median(seconds["empty template"])
    return [
        {"case": name, "seconds": statistics.median(taken), "ratio": statistics.median(taken) / base}
        for name, taken in seconds.items()
    ]


def registering(scratch: Path, rounds: int) -> list[dict]:
    """Best seconds of registering and of parsing alone, their ratio and the peak memory, by number of entries."""
    cookiecutter(TEMPLATE, scratch)
    rows = []
    for entries in ENTRIES:
        host = make_host(scratch / f"host{entries}", entries)
        results = [measure_once(scratch / "my_plugins", host) for _ in range(max(3, rounds // 3))]
        best = {key: min(result[key] for result in results) for key in results[0]}
        rows.append({"entries": entries, **best, "ratio": best["register_seconds"] / best["parse_seconds"]})
    return rows


def measure_once(repository: Path, host: Path) -> dict:
    """Parse and register once, in a process of its own."""
    command = [sys.executable, "-B", __file__, "--measure", str(repository), str(host)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)


def measure(repository: Path, host: Path) -> None:
    """The process of its own: prints seconds, and bytes of peak memory."""
    import yaml

    file = host / "external_plugins.yml"
    original = file.read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parse = timed(lambda: yaml.load(original, loader))  # noqa: S506
    before = peak_memory()
    sys.path.insert(0, str(repository))
    import register

    register_ = timed(lambda: register.register(repository, host))
    after = peak_memory()
    file.write_bytes(original)
    print(json.dumps({"parse_seconds": parse, "register_seconds": register_, "parse_peak": before, "peak": after}))


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes; 0 where the platform does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def show(title: str, rows: list[dict], formats: dict[str, str]) -> None:
    """Print rows as a table."""
    print(f"\n{title}")
    table = [list(formats)] + [[format_.format(row[key]) for key, format_ in formats.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def main() -> None:
    """Run everything, or one measurement for ourselves."""
    parser = argparse.ArgumentParser(description="Measure scaffolding and registering.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, default=TEMPLATE / "build" / "benchmarks.json")
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        scaffold = scaffolding(Path(folder) / "scaffolding", options.rounds)
        register = registering(Path(folder) / "registering", options.rounds)
    show("scaffolding (median, whole process)", scaffold, {"case": "{}", "seconds": "{:.3f}", "ratio": "{:.2f}"})
    show(
        "registering (best, in the process)",
        register,
        {"entries": "{}", "parse_seconds": "{:.4f}", "register_seconds": "{:.4f}", "ratio": "{:.2f}", "peak": "{:,}"},
    )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"scaffolding": scaffold, "registering": register}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
