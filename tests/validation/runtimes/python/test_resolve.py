"""Paths stay inside the target."""

from dataclasses import replace

import pytest

from tests.validation.runtimes.python.stage import NONCE, Stage


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "pkg.os.system",
        "pkg.system",
        "pkg.start",
        "pkg.path.join",
        "pkg.subprocess",
        "pkg.through",
        "dep.through",
        "pkg.deep._private",
        "pkg.shell.__globals__",
        "pkg.Renderer.__init__",
        "pkg.Renderer.mro",
        "pkg.shell.func_name",
        "pkg.deep",
        "pkg.functools.partial",
        "pkg.partly.func",
    ],
)
def test_a_path_that_leaves_the_target_is_refused(new_stage: Stage, path: str) -> None:
    seen = new_stage.calls("command-execution", {"call": path, "args": [NONCE]})
    assert seen.fault() == "leaves-target"
    assert not seen.of("ready")


@pytest.mark.parametrize("path", ["pkg.missing", "pkg.deep.missing", "pkg.Renderer.missing", "pkg.no.such"])
def test_what_the_target_does_not_have_is_no_such_call(new_stage: Stage, path: str) -> None:
    seen = new_stage.calls("command-execution", {"call": path, "args": [NONCE]})
    assert seen.fault() == "no-such-call"
    assert seen.complete()


@pytest.mark.parametrize(
    "path",
    ["pkg.check", "pkg.deep.Node", "pkg.Renderer.default", "pkg.default.render", "pkg.wrapped_too", "pkg.partly"],
)
def test_what_is_the_targets_own_is_called(new_stage: Stage, path: str) -> None:
    step = {"call": path} if path.endswith("render") else {"call": path, "args": ["x"]}
    assert new_stage.calls("command-execution", step).raised() == [""]


def test_a_class_of_the_target_may_be_an_argument(new_stage: Stage) -> None:
    step = {"call": "pkg.apply", "args": [{"$target": "pkg.deep.Node"}, 1]}
    assert new_stage.calls("exception", step).raised() == [""]


def test_a_function_of_the_library_may_not_be_an_argument(new_stage: Stage) -> None:
    step = {"call": "pkg.apply", "args": [{"$target": "pkg.os.system"}, "true"]}
    assert new_stage.calls("command-execution", step).fault() == "leaves-target"


@pytest.mark.parametrize("name", ["__class__", "_x"])
def test_private_members_are_refused(new_stage: Stage, name: str) -> None:
    seen = new_stage.calls("exception", {"call": "pkg.deep.Node", "args": [1]}, {"get": name, "on": {"$ref": 0}})
    assert seen.fault() == "leaves-target"


def test_a_generator_does_not_give_its_frame_away(new_stage: Stage) -> None:
    seen = new_stage.calls(
        "exception",
        {"call": "pkg.numbers", "args": [3]},
        {"get": "gi_frame", "on": {"$ref": 0}},
        {"get": "f_globals", "on": {"$ref": 1}},
    )
    assert seen.fault() == "leaves-target"


def test_what_an_object_keeps_is_no_method_of_it(new_stage: Stage) -> None:
    seen = new_stage.calls(
        "command-execution",
        {"call": "pkg.maker"},
        {"call": "pkg.deep.Node", "args": [{"$ref": 0}]},
        {"method": "inner", "on": {"$ref": 1}, "args": [NONCE]},
    )
    assert seen.fault() == "leaves-target"


def test_methods_of_text_and_lists_may_be_called(new_stage: Stage) -> None:
    seen = new_stage.calls(
        "exception",
        {"call": "pkg.echo", "args": ["a,b"]},
        {"method": "split", "on": {"$ref": 0}, "args": [","], "must_equal": ["a", "b"]},
        {"method": "pop", "on": {"$ref": 1}, "must_equal": "b"},
    )
    assert seen.raised() == ["", "", ""]
    assert not seen.of("broken")


def test_a_target_that_cannot_be_imported_is_a_fault(new_stage: Stage) -> None:
    new_stage.lay({"pkg/__init__.py": "import missing_dependency\n"})
    seen = new_stage.calls("exception", {"call": "pkg.check"})
    assert seen.fault() == "import-failed"


def test_compiled_modules_of_the_target_belong_to_it(new_stage: Stage) -> None:
    source = next((new_stage.interpreter.root / "lib").glob("python3*/lib-dynload/_bisect*.so"), None)
    if source is None:
        pytest.skip("this interpreter has no compiled module that could stand for a target's")
    place = new_stage.folder / "target/pkg" / source.name
    place.write_bytes(source.read_bytes())
    place.chmod(0o755)
    new_stage.lay({"pkg/fast.py": "from ._bisect import insort_right\nfrom _bisect import bisect_right\n"})
    kept = [{"$ref": 0}, 2]
    steps = ({"call": "pkg.echo", "args": [[1]]}, {"call": "pkg.fast.insort_right", "args": kept})
    assert new_stage.calls("exception", *steps).raised() == ["", ""]
    assert new_stage.calls("exception", {"call": "pkg.fast.bisect_right", "args": [[], 1]}).fault() == "leaves-target"
    raised = new_stage.calls("exception", {"call": "pkg.fast.insort_right", "args": [7, 2]}).of("raise")[0]
    assert (raised["blamed"], raised["frames"][0]["module"]) == ("target", "pkg._bisect")


def test_a_namespace_package_of_the_target_is_found(new_stage: Stage) -> None:
    new_stage.lay({"space/part/__init__.py": "def call(x):\n    return x\n"})
    stage = replace(new_stage, names=("space",))
    assert stage.calls("exception", {"call": "space.part.call", "args": [1]}).raised() == [""]
