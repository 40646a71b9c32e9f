"""Real releases from the real indexes: an sdist with a C part, an old dependency, nested Node packages."""

import json
from pathlib import Path

import pytest

from clearinghouse.releases.rules import Runtime
from clearinghouse.sandbox.profile import Job, Mount
from tests.releases.makers import some_environments
from tests.sandbox.makers import a_node, a_python, a_sandbox

pytestmark = [pytest.mark.index, pytest.mark.enable_socket]


def test_pyyaml_is_built_and_imported_in_the_sandbox(cache: Path) -> None:
    indexes, environments = some_environments(cache)
    release = indexes.release("pkg:pypi/pyyaml@5.3")
    assert not [file for file in release.files if file.kind == "wheel" and "linux" in file.name]
    made = environments.environment(release, a_python())
    assert "yaml" in made.names
    code = "import sys; sys.path.insert(0, '/target'); import yaml; print(yaml.__version__, yaml.safe_load('[1]'))"
    mounts = (Mount(made.interpreter.root, made.interpreter.inside_root), Mount(made.target, "/target"))
    ended = a_sandbox().run(Job(argv=(made.interpreter.program, "-I", "-S", "-c", code), mounts=mounts))
    assert ended.stdout == b"5.3 [1]\n", ended.stderr
    tree = environments.source_tree(release)
    assert tree is not None and (tree / "tests" / "lib3").is_dir()


def test_jinja2_gets_a_markupsafe_that_it_can_use(cache: Path) -> None:
    indexes, environments = some_environments(cache)
    release = indexes.release("pkg:pypi/jinja2@2.10")
    made = environments.environment(release, a_python())
    assert made.dependencies is not None
    code = "import sys; sys.path[:0] = ['/deps']; import markupsafe; markupsafe.soft_unicode; print('usable')"
    mounts = (Mount(made.interpreter.root, made.interpreter.inside_root), Mount(made.dependencies, "/deps"))
    ended = a_sandbox().run(Job(argv=(made.interpreter.program, "-I", "-S", "-c", code), mounts=mounts))
    assert ended.stdout == b"usable\n", ended.stderr
    assert environments.notes(release, a_python())


def test_lodash_needs_nothing_else(cache: Path) -> None:
    indexes, environments = some_environments(cache)
    made = environments.environment(indexes.release("pkg:npm/lodash@4.17.20"), a_node())
    assert (made.names, made.dependencies, len(made.digests)) == (("lodash",), None, 1)


def test_a_package_with_nested_dependencies_can_be_required(cache: Path) -> None:
    indexes, environments = some_environments(cache)
    made = environments.environment(indexes.release("pkg:npm/handlebars@4.0.11"), a_node())
    assert made.dependencies is not None
    mounts = (
        Mount(made.interpreter.root, made.interpreter.inside_root),
        Mount(made.dependencies, "/app/node_modules"),
        Mount(made.target, "/app/node_modules/handlebars"),
    )
    code = "console.log(require('/app/node_modules/handlebars').compile('{{a}}')({a: 1}))"
    ended = a_sandbox().run(Job(argv=(made.interpreter.program, "-e", code), mounts=mounts))
    assert ended.stdout == b"1\n", ended.stderr
    assert json.loads((made.target / "package.json").read_text())["version"] == "4.0.11"


def test_a_range_of_releases_without_dependencies_is_had_quickly(cache: Path) -> None:
    indexes, environments = some_environments(cache)
    node = environments.interpreters.own(Runtime.NODE)
    releases = indexes.releases("pkg:npm/minimist")[-8:]
    made = [environments.environment(one, node) for one in releases]
    assert len({one.target for one in made}) == 8
