"""Make docs/images/run.svg, the picture in the README, from a real run.

    LOONGCOLLECTOR_HOME=~/loongcollector python tools/picture.py

Runs the first day of a plugin author in a scratch home: the template of this folder, `make test` and `make run` of the
repository it makes, in the host checkout named. Everything shown is what the commands printed. What differs
from the screen of a user: the template is given by its path here, and shown by the name under which it is published;
the folders that `~` and `~/loongcollector` stand for are shown by these names; lines longer than the picture, and what
the agent says of itself before its first event, end in `...`. The checkout is left as it was.
"""

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

TEMPLATE = Path(__file__).resolve().parents[1]
PICTURE = TEMPLATE / "docs" / "images" / "run.svg"
PUBLISHED = "gh:org/loong-plugin-template"
COLUMNS = 112
EVENTS = 5  # after so many events of the agent comes Ctrl-C
EVENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \{")
NOISE = re.compile(r"make(\[\d+\])?: |go: |\^C")


@dataclass
class Terminal:
    """A home folder of our own, and what has been on its terminal."""

    home: Path
    host: Path
    environment: dict[str, str]
    lines: list[Text] = field(default_factory=list)

    def prompt(self, command: str, folder: str = "") -> None:
        """Show a command as it is typed."""
        self.lines.append(Text.assemble((f"{folder}$ ", "bold green"), (command, "bold")))

    def show(self, output: str) -> None:
        """Show what a command printed, as far as it fits."""
        for line in output.replace(str(self.host), "~/loongcollector").replace(str(self.home), "~").splitlines():
            fits = line if len(line) <= COLUMNS else f"{line[: COLUMNS - 3].rpartition(' ')[0]} ..."
            style = "cyan" if EVENT.match(line) else "green" if line.startswith("ok ") else ""
            self.lines.append(Text(fits, style))

    def streams(self, folder: Path) -> dict:
        """How every command is run: in a folder, without input, its output and errors as one text."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return {"cwd": folder, "env": self.environment, "encoding": "utf-8", **pipes}

    def run(self, *command: str, folder: Path, check: bool = True) -> str:
        """Run a command to its end; return what it printed."""
        result = subprocess.run(command, **self.streams(folder), check=False)
        if check and result.returncode != 0:
            sys.exit(f"picture.py: {' '.join(command)}: exit code {result.returncode}\n{result.stdout}")
        return result.stdout

    def run_until_events(self, *command: str, folder: Path) -> tuple[str, str]:
        """Run a command, interrupt it as Ctrl-C does after some events; return what it printed before and after."""
        with subprocess.Popen(command, **self.streams(folder), start_new_session=True) as process:
            deadline = threading.Timer(900, os.killpg, [process.pid, signal.SIGTERM])
            deadline.start()
            lines = []
            for line in process.stdout:
                lines.append(line)
                if sum(map(bool, map(EVENT.match, lines))) == EVENTS:
                    break
            else:
                sys.exit(f"picture.py: {' '.join(command)} ended without events\n{''.join(lines)}")
            os.killpg(process.pid, signal.SIGINT)
            rest = process.stdout.read()
            deadline.cancel()
        return "".join(lines), rest


def main() -> None:
    """Run it all and write the picture."""
    if not os.environ.get("LOONGCOLLECTOR_HOME"):
        sys.exit("picture.py: name a host checkout: LOONGCOLLECTOR_HOME=~/loongcollector python tools/picture.py")
    host = Path(os.environ["LOONGCOLLECTOR_HOME"]).expanduser().resolve()
    registrations = host / "external_plugins.yml"
    before = registrations.read_bytes() if registrations.exists() else None
    with tempfile.TemporaryDirectory(prefix="loong-picture-") as scratch:
        home = Path(scratch).resolve()
        (home / "loongcollector").symlink_to(host, target_is_directory=True)
        terminal = Terminal(home, host, environment_for(home))
        repository = home / "my_plugins"
        try:
            first_day(terminal, repository)
        finally:
            if (repository / "register.py").exists():
                terminal.run(sys.executable, "register.py", str(host), "--remove", folder=repository, check=False)
            if before is None:
                registrations.unlink(missing_ok=True)
    if before is not None and registrations.read_bytes() != before:
        print(f"picture.py: {registrations} has changed meanwhile; look at it", file=sys.stderr)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn(terminal.lines), encoding="utf-8")
    print(f"{PICTURE.relative_to(TEMPLATE)}: {len(terminal.lines)} lines")


def environment_for(home: Path) -> dict[str, str]:
    """The environment of a user who lives in that home, with the Go caches of this machine."""
    go = ("GOCACHE", "GOENV", "GOMODCACHE", "GOPATH")
    values = subprocess.run(["go", "env", *go], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout.split("\n")
    (home / "config.yaml").write_text(f"cookiecutters_dir: {home}/.c\nreplay_dir: {home}/.r\n", encoding="utf-8")
    mine = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COOKIECUTTER_CONFIG": str(home / "config.yaml"),
    }
    unset = {"LOONGCOLLECTOR_HOME", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GOWORK"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | dict(zip(go, values, strict=False)) | mine


def first_day(terminal: Terminal, repository: Path) -> None:
    """What the picture shows: scaffold, test, run."""
    answers = ("--no-input", "loongcollector_home=~/loongcollector")
    terminal.prompt(" ".join(("cookiecutter", PUBLISHED, *answers)))
    cookiecutter = (sys.executable, "-m", "cookiecutter", str(TEMPLATE))
    terminal.show(terminal.run(*cookiecutter, *answers, folder=terminal.home))

    terminal.prompt("cd my_plugins && make test")
    terminal.show(quiet(terminal.run("make", "test", folder=repository)))

    terminal.prompt("make run")
    output, after = terminal.run_until_events("make", "run", folder=repository)
    terminal.show(without_banner(quiet(output)))
    terminal.show("^C")
    terminal.show(quiet(after))


def quiet(output: str) -> str:
    """The output without what make and go say about themselves."""
    return "\n".join(line for line in output.splitlines() if not NOISE.match(line))


def without_banner(output: str) -> str:
    """The output with `...` for what the agent prints of itself between the lines of run.py and the first event."""
    lines = output.splitlines()
    first = next(number for number, line in enumerate(lines) if EVENT.match(line))
    ours = [line for line in lines[:first] if line.startswith("run.py: ")]
    return "\n".join([*ours, *(["..."] if len(ours) < first else []), *lines[first:]])


def drawn(lines: list[Text]) -> str:
    """The lines as an SVG of a terminal that loads nothing from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
    svg = console.export_svg(title="my_plugins", unique_id="run")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>.*?</defs>\s*", "", svg, flags=re.DOTALL)  # clip paths: every line fits
    svg = re.sub(r' clip-path="url\(.*?\)"', "", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    main()
