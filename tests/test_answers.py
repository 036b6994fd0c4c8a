"""Bad answers are refused before anything is written: each with the value, the rule and an example that is right."""

import os
import subprocess
from pathlib import Path

import pytest
from conftest import TEMPLATE, command_line, copy_host

MODULE = "; right: my-repo.com/my_space/my_plugins"
NAME = "; right: example_plugin"


def refused(tmp_path: Path, *answers: str, **variables: str) -> list[str]:
    """Run cookiecutter; return what the template said, having checked that the run left nothing."""
    output = tmp_path / "output"
    output.mkdir(exist_ok=True)
    before = sorted(tmp_path.rglob("*"))
    environment = dict(os.environ) | variables
    arguments = [str(TEMPLATE), "--no-input", "-o", str(output), *answers]
    result = command_line(*arguments, cwd=tmp_path, environment=environment, expect=None)
    assert result.returncode == 1, result.stdout + result.stderr
    assert sorted(tmp_path.rglob("*")) == before
    lines = [
        line for line in (result.stdout + result.stderr).splitlines() if line.startswith("loong-plugin-template: ")
    ]
    assert lines and all(line.isascii() for line in lines), result.stderr
    assert lines.pop() == "loong-plugin-template: nothing was written"
    return [line.removeprefix("loong-plugin-template: ") for line in lines]


@pytest.mark.parametrize(
    ("module", "rule"),
    [
        ("my_plugins", "begins with a host name in lower case that has a dot"),
        ("My-Repo.com/x", "begins with a host name in lower case that has a dot"),
        ("-repo.com/x", "begins with a host name in lower case that has a dot"),
        ("my-repo.com/", "none empty"),
        ("/my-repo.com/x", "begins with a host name"),
        ("https://my-repo.com/x", "begins with a host name"),
        ("my-repo.com//x", "none empty"),
        ("my-repo.com/a b", "ASCII letters"),
        ("my-repo.com/.hidden", "no dot at either end"),
        ("my-repo.com/x.", "no dot at either end"),
        ("my-repo.com/../x", "no dot at either end"),
        ("my-repo.com/插件", "ASCII letters"),
        ("my-repo.com/x@v1", "ASCII letters"),
        ("my-repo.com/con", "something else to Windows"),
        ("my-repo.com/x~1", "something else to Windows"),
        ("my-repo.com/x/v1", "/v2 or higher"),
        ("my-repo.com/x/v02", "/v2 or higher"),
        ("gopkg.in/x", "ends in its major version"),
        ("github.com/alibaba/ilogtail", "inside the host's module"),
        ("github.com/alibaba/ilogtail/pkg/x", "inside the host's module"),
        ("my-repo.com/" + "x" * 600, "at most 500 characters"),
    ],
)
def test_a_module_path_that_go_would_refuse(tmp_path, module, rule):
    (line,) = refused(tmp_path, f"module_path={module}", "repo_name=x")
    assert (
        line.startswith("module_path ") and rule in line and ("; right: " in line or "; take one of your own" in line)
    )


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "a/b/c", "/x", ".", "..", "", "-x", ".git", "x.", "a b", "a\\b", "插件", "CON", "nul.txt",
     "x" * 101, "x" * 10_000, "a\nb", "x:y", "*", "~", "$HOME"],
    ids=lambda name: ascii(name)[1:12],
)  # fmt: skip
def test_a_repo_name_that_is_no_plain_folder_name(tmp_path, name):
    (line,) = refused(tmp_path, f"repo_name={name}")
    assert line.startswith("repo_name ") and "a folder name here is" in line and line.endswith("; right: my_plugins")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "a lower-case letter, then"),
        ("1st", "a lower-case letter, then"),
        ("Mask", "a lower-case letter, then"),
        ("my-plugin", "a lower-case letter, then"),
        ("_x", "a lower-case letter, then"),
        ("a/b", "a lower-case letter, then"),
        ("../x", "a lower-case letter, then"),
        ("маска", "a lower-case letter, then"),
        ("x\n", "a lower-case letter, then"),
        ("x" * 101, "at most 100 characters"),
        ("func", "it is a Go keyword or predeclared name; right: my_func"),
        ("string", "it is a Go keyword or predeclared name; right: my_string"),
        ("any", "it is a Go keyword or predeclared name; right: my_any"),
        ("service_mask", "the type gets the prefix 'service_' by itself; right: mask"),
        ("internal", "Go lets no other module import it; right: my_internal"),
        ("testdata", "Go leaves it out; right: my_testdata"),
        ("vendor", "Go keeps dependencies in it; right: my_vendor"),
        ("main", "Go takes it for a program; right: my_main"),
        ("all", "all.py is the repository's own; right: my_all"),
        ("register", "register.py is the repository's own; right: my_register"),
        ("aux", "it is a Windows device; right: my_aux"),
        ("my_test", "Go builds a file named my_test.go only for test; right: my_test_plugin"),
        ("disk_linux", "Go builds a file named disk_linux.go only for linux; right: disk_linux_plugin"),
        ("x_arm64", "Go builds a file named x_arm64.go only for arm64; right: x_arm64_plugin"),
    ],
)
def test_a_plugin_name_that_is_no_package_folder_and_type(tmp_path, name, rule):
    (line,) = refused(tmp_path, f"plugin_name={name}", "plugin_description=text")
    assert line.startswith("plugin_name ") and rule in line and "; right: " in line


@pytest.mark.parametrize("name", ["linux", "test", "ext_x", "processor_x", "x", "a" * 60, "a__b___c_", "x9"])
def test_names_that_only_look_wrong_are_taken(bake, name):
    repository = bake(plugin_name=name)
    assert (repository.path / name / f"{name}.go").is_file()


@pytest.mark.parametrize("variable", ["plugin_description", "copyright_holder"])
@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\tb", "a\x1bb", "a\u202eb", "a\u200fb", "a\u2028b", "x" * 501, " a", "a "]
)
def test_a_text_that_cannot_stand_on_one_line_of_a_source(tmp_path, variable, text):
    (line,) = refused(tmp_path, f"{variable}={text}")
    assert line.startswith(f"{variable} ") and "one line of at most 500 characters" in line


def test_a_description_that_says_nothing(tmp_path):
    (line,) = refused(tmp_path, "plugin_description=")
    assert line == "plugin_description '': it is empty; right: Masks phone numbers."


def test_all_problems_are_told_at_once(tmp_path):
    lines = refused(tmp_path, "module_path=x", "repo_name=../y", "plugin_name=func", "copyright_holder=a\nb")
    assert [line.split()[0] for line in lines] == ["module_path", "repo_name", "plugin_name", "copyright_holder"]
    lines = refused(tmp_path, "module_path=x", "plugin_name=func", "loongcollector_home=nowhere")
    assert [line.split()[0] for line in lines] == ["module_path", "plugin_name", "loongcollector_home"]


def test_a_path_as_repo_name_makes_no_folder_outside(tmp_path):
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "precious").touch()
    refused(tmp_path, "repo_name=../victim")
    refused(tmp_path, f"repo_name={tmp_path / 'victim'}")


@pytest.mark.parametrize("given", ["answer", "environment"])
def test_a_host_that_is_no_host(tmp_path, given):
    (tmp_path / "go.mod").write_text("module my-repo.com/other\n", encoding="utf-8")
    for home in (tmp_path, tmp_path / "missing"):
        if given == "answer":
            (line,) = refused(tmp_path, f"loongcollector_home={home}")
        else:
            (line,) = refused(tmp_path, LOONGCOLLECTOR_HOME=str(home))
        assert line.startswith(f"loongcollector_home {str(home)!r}: ")


def test_a_type_that_the_host_has_already(tmp_path):
    host = copy_host(tmp_path / "loongcollector")
    plugin = host / "plugins" / "input" / "mask" / "mask.go"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(
        'package mask\n\nimport "github.com/alibaba/ilogtail/pkg/pipeline"\n\n'
        'func init() {\n\tpipeline.ServiceInputs["service_mask"] = nil\n}\n',
        encoding="utf-8",
    )
    (line,) = refused(tmp_path, f"loongcollector_home={host}", "plugin_name=mask")
    assert line.startswith("plugin_name 'mask': the host registers the type 'service_mask' already")
    assert "plugins/input/mask/mask.go" in line


def again(repository: Path, *answers: str) -> subprocess.CompletedProcess:
    """Generate into an existing repository, as one adds a plugin by hand."""
    arguments = [str(TEMPLATE), "--no-input", "-f", "-s", "-o", str(repository.parent), *answers]
    return command_line(*arguments, cwd=repository.parent, expect=None)


def test_an_existing_repository_of_another_module_is_left_alone(bake):
    repository = bake()
    before = repository.contents()
    result = again(repository.path, "module_path=my-repo.com/other", "repo_name=my_plugins", "plugin_name=mask")
    assert result.returncode == 1
    assert "module_path 'my-repo.com/other': " in result.stderr
    assert "holds the module 'my-repo.com/my_space/my_plugins'" in result.stderr
    assert repository.contents() == before


@pytest.mark.parametrize("taken", ["by another kind", "by a folder of the author", "by a file"])
def test_a_plugin_folder_that_is_taken_is_left_alone(bake, taken):
    repository = bake()
    name = "example_plugin"
    if taken == "by another kind":
        source = repository.path / name / f"{name}.go"
        source.write_text(
            source.read_text(encoding="utf-8").replace("service_example", "other_example"), encoding="utf-8"
        )
    elif taken == "by a folder of the author":
        name = "docs"
        (repository.path / name).mkdir()
    else:
        name = "notes"
        (repository.path / name).touch()
    before = repository.contents()
    result = again(repository.path, f"plugin_name={name}")
    assert result.returncode == 1
    assert f"plugin_name '{name}': " in result.stderr and f"take another name, for example {name}_2" in result.stderr
    assert repository.contents() == before


def test_a_type_that_the_repository_has_elsewhere(bake):
    repository = bake(plugin_name="mask")
    (repository.path / "mask").rename(repository.path / "old")
    before = repository.contents()
    result = again(repository.path, "plugin_name=mask")
    assert result.returncode == 1
    assert "old/mask.go' registers the type 'service_mask' already" in result.stderr
    assert repository.contents() == before


def test_a_choice_that_is_none_is_refused_by_cookiecutter(tmp_path):
    result = command_line(str(TEMPLATE), "--no-input", "plugin_kind=input", cwd=tmp_path, expect=None)
    assert result.returncode == 1
    assert "choices are ['service_input'" in result.stderr
    assert list(tmp_path.iterdir()) == []
