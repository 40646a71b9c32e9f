"""The detectors of acts in ``calls``: whatever way the target takes, the act is seen and is the target's."""

import pytest

from tests.validation.runtimes.node.stage import NONCE, TOKEN, Stage, frames

FIRST_WITH_FETCH = 18
STARTERS = (
    "flawed#exec", "flawed#execSync", "flawed#execFile", "flawed#promised", "flawed#spawn", "flawed#spawnSync",
    "flawed#late", "flawed#inWorker", "flawed#bound", "flawed/lib/sub",
)  # fmt: skip


@pytest.mark.parametrize("path", STARTERS)
def test_a_command_with_our_token_is_the_targets(stage: Stage, path: str) -> None:
    seen = stage.call("command-execution", path, NONCE)
    assert seen.blamed("command-execution") == {"target"}


def test_a_process_is_reported_once_however_many_layers_it_goes_through(stage: Stage) -> None:
    seen = stage.call("command-execution", "flawed#exec", NONCE)
    assert [one["event"] for one in seen.acts("command-execution")] == ["child_process.exec"]


def test_the_step_that_acts_is_named(stage: Stage) -> None:
    steps = ({"call": "flawed#echo", "args": [1]}, {"call": "flawed#execSync", "args": [NONCE]})
    assert [one["step"] for one in stage.calls("command-execution", *steps).of("act")] == [1]


def test_a_dependency_that_the_target_called_counts_as_the_target(stage: Stage) -> None:
    seen = stage.call("command-execution", "flawed#throughHelper", NONCE)
    assert frames(seen, "command-execution")[:2] == [("dependency", "exports.run"), ("target", "exports.throughHelper")]
    assert seen.blamed("command-execution") == {"target"}


def test_a_command_without_our_token_is_no_act(stage: Stage) -> None:
    assert not stage.call("command-execution", "flawed#execSync", "hello").of("act")


def test_a_method_of_the_targets_class_is_the_targets(stage: Stage) -> None:
    steps = ({"new": "flawed#Shape", "args": [2]}, {"method": "shell", "on": {"$ref": 0}, "args": [NONCE]})
    assert stage.calls("command-execution", *steps).blamed("command-execution") == {"target"}


@pytest.mark.parametrize("path", ["modern#shell", "modern#later", "modern"])
def test_an_es_module_is_found_and_watched(modern: Stage, path: str) -> None:
    assert modern.call("command-execution", path, NONCE).blamed("command-execution") == {"target"}


@pytest.mark.parametrize("path", ["flawed#render", "flawed#evaluate", "flawed#inContext"])
def test_code_that_the_target_made_of_our_text_is_the_targets(stage: Stage, path: str) -> None:
    text = {"$cat": ["process.mainModule.require('child_process').execSync('true ", NONCE, "')"]}
    seen = stage.call("command-execution", path, text)
    assert seen.blamed("command-execution") == {"target"}


@pytest.mark.parametrize("path", ["flawed#compile", "flawed#inContext"])
def test_text_with_our_token_becoming_code_is_noted_once(stage: Stage, path: str) -> None:
    seen = stage.call("command-execution", path, {"$cat": ["typeof ", NONCE]})
    assert seen.of("code") == [{"t": "code", "origin": "token"}]


def test_a_direct_eval_is_blamed_on_the_target_that_made_it(stage: Stage) -> None:
    text = {"$cat": ["process.mainModule.require('child_process').execSync('true ", NONCE, "')"]}
    assert stage.call("command-execution", "flawed#evaluate", text).blamed("command-execution") == {"target"}


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("flawed#write", [{"$cat": ["../", {"$canary": "relative"}]}, "x"]),
        ("flawed#writePromised", [{"$canary": "absolute"}]),
        ("flawed#stream", [{"$canary": "relative"}]),
        ("flawed#rename", [{"$canary": "absolute"}]),
        ("flawed#throughLink", [{"$cat": ["../zone-", NONCE]}]),
    ],
)
def test_a_write_in_the_zone_is_a_file_write(stage: Stage, path: str, args: list[object]) -> None:
    seen = stage.calls("file-write", {"call": path, "args": args}, around={"setup": {"files": {"out/a.txt": ""}}})
    assert seen.blamed("file-write") == {"target"}


@pytest.mark.parametrize("name", [{"$canary": "absolute"}, {"$canary": "relative"}])
def test_reading_the_canary_is_a_file_read(modern: Stage, name: dict[str, str]) -> None:
    seen = modern.call("file-read", "modern#read", name)
    assert (seen.blamed("file-read"), seen.acts("file-write")) == ({"target"}, [])
    assert seen.raised() == [""]


def test_a_path_that_stays_in_the_box_is_no_act(stage: Stage) -> None:
    around = {"setup": {"files": {"pages/a.txt": "a"}}}
    assert not stage.calls("file-read", {"call": "flawed#read", "args": ["a.txt"]}, around=around).of("act")


@pytest.mark.parametrize("path", ["flawed#get", "flawed#fetch"])
def test_a_host_with_our_token_is_a_network_act_without_any_network(stage: Stage, path: str) -> None:
    if path.endswith("fetch") and int(stage.interpreter.version.split(".")[0]) < FIRST_WITH_FETCH:
        pytest.skip("Node has no fetch of its own before 18")
    seen = stage.call("network", path, {"$cat": ["http://", NONCE, ".invalid/"]})
    assert seen.blamed("network") == {"target"}
    assert seen.acts("network")[0]["argument"] == f"{TOKEN}.invalid"


def test_a_name_looked_up_is_a_network_act(stage: Stage) -> None:
    seen = stage.call("network", "flawed#lookup", {"$cat": [NONCE, ".invalid"]})
    assert [one["event"] for one in seen.acts("network")] == ["dns.lookup"]


def test_our_token_in_a_path_is_no_network_act(stage: Stage) -> None:
    assert not stage.call("network", "flawed#get", {"$cat": ["http://a.invalid/", NONCE]}).acts("network")


def test_a_signal_that_the_process_sends_itself_is_told(stage: Stage) -> None:
    seen = stage.call("crash", "flawed#abort")
    assert [one["event"] for one in seen.of("kill")] == ["process.abort"]
    assert seen.ended.signal == 6


def test_what_the_target_does_when_the_process_ends_is_still_seen(stage: Stage) -> None:
    seen = stage.call("command-execution", "flawed#atExit", NONCE)
    assert (seen.blamed("command-execution"), seen.complete()) == ({"target"}, True)


def test_a_step_that_ends_the_process_is_told(stage: Stage) -> None:
    seen = stage.call("command-execution", "flawed#leave")
    assert seen.raised() == ["process.exit"]
    assert seen.complete()
