"""The generated README quotes what the host's builder says when it fails; Go still says so.

The builder writes go.mod and plugins/all/all.go from external_plugins.yml, runs `go mod tidy`, and prints what that
says. Here the two files are written as the builder would; what needs a server (a proxy, git) is left out.
"""

import re
import subprocess

import pytest
from conftest import TEMPLATE

MODULE = "my-repo.com/my_space/my_plugins"
REQUIRE = f"require {MODULE} v0.0.0"


def go_mod_tidy(host, environment, go_mod: str, imported: str = MODULE) -> str:
    """What Go says in a host with these lines at the end of go.mod, when it has to fail."""
    (host / "go.mod").write_text((host / "go.mod").read_text(encoding="utf-8") + go_mod + "\n", encoding="utf-8")
    all_go = host / "plugins" / "all" / "all.go"
    all_go.parent.mkdir(exist_ok=True)
    all_go.write_text(f'package all\n\nimport _ "{imported}"\n', encoding="utf-8")
    command = ["go", "mod", "tidy"]
    result = subprocess.run(
        command, cwd=host, env=environment | {"GOWORK": "off"}, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode != 0
    return result.stderr


@pytest.mark.go
@pytest.mark.parametrize(
    ("quoted", "go_mod", "imported"),
    [
        (
            "conflicting replacements for …",
            f"{REQUIRE}\nreplace {MODULE} v0.0.0 => ../a\nreplace {MODULE} v0.0.0 => ../b",
            MODULE,
        ),
        ("errors parsing go.mod", f"require {MODULE}", MODULE),
        ("replacement directory … does not exist", f"{REQUIRE}\nreplace {MODULE} => ../moved", MODULE),
        ("malformed import path …: double slash", REQUIRE, f"{MODULE}  // all of them"),
        ("module … requires go >= …", f"{REQUIRE}\nreplace {MODULE} => ./newer", MODULE),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_go_says_what_the_readme_quotes(host, go_environment, language, quoted, go_mod, imported):
    (host / "newer").mkdir()
    (host / "newer" / "go.mod").write_text(f"module {MODULE}\n\ngo 1.999\n", encoding="utf-8")
    said = go_mod_tidy(host, go_environment, go_mod, imported)
    assert re.search(".*".join(map(re.escape, quoted.split("…"))), said), said
    assert f"| `{quoted}`" in (TEMPLATE / "templates" / "readme" / f"{language}.md").read_text(encoding="utf-8")
