"""The four detectors of acts, in ``calls``: the honest proof, and data that would like to act by itself."""

import pytest

from tests.validation.runtimes.python.stage import NONCE, Stage, act_frames


@pytest.mark.parametrize("path", ["shell", "popen", "spawn", "wrapped", "partly", "Renderer.plain"])
def test_a_command_with_our_token_is_the_targets(stage: Stage, path: str) -> None:
    seen = stage.calls("command-execution", {"call": f"pkg.{path}", "args": [NONCE]})
    assert seen.blamed("command-execution") == {"target"}


def test_a_command_started_by_a_forked_child_is_seen(stage: Stage) -> None:
    seen = stage.calls("command-execution", {"call": "pkg.fork_and_exec", "args": [NONCE]})
    assert [one["event"] for one in seen.acts("command-execution")] == ["os.exec"]
    assert seen.complete()


def test_a_command_in_a_thread_is_blamed_on_who_started_it(new_stage: Stage) -> None:
    seen = new_stage.calls("command-execution", {"call": "pkg.in_thread", "args": [NONCE]})
    assert seen.blamed("command-execution") == {"target"}


def test_a_coroutine_is_run_to_its_end(stage: Stage) -> None:
    seen = stage.calls("command-execution", {"call": "pkg.later", "args": [NONCE]})
    assert act_frames(seen, "command-execution")[0] == ("target", "later")


def test_a_dependency_that_the_target_called_counts_as_the_target(stage: Stage) -> None:
    seen = stage.calls("command-execution", {"call": "pkg.through_dependency", "args": [NONCE]})
    assert act_frames(seen, "command-execution") == [("dependency", "through"), ("target", "through_dependency")]
    assert seen.blamed("command-execution") == {"target"}


def test_code_from_our_text_is_walked_over_and_its_form_reported(stage: Stage) -> None:
    text = {"$cat": ["__import__('os').system('true ", NONCE, "')"]}
    seen = stage.calls("command-execution", {"call": "pkg.evaluate", "args": [text]})
    assert seen.blamed("command-execution") == {"target"}
    assert seen.of("made")[0]["shapes"]
    assert not seen.of("code"), "our token stands in it as a text only"


def test_our_token_as_a_name_in_code_is_noted_once(stage: Stage) -> None:
    seen = stage.calls("command-execution", {"call": "pkg.evaluate", "args": [{"$cat": ["0 and ", NONCE]}]})
    assert seen.of("code") == [{"t": "code", "origin": "token"}]


def test_a_template_engine_is_to_blame_for_the_code_it_writes(stage: Stage) -> None:
    source = {"$cat": ["os.system('true ", NONCE, "')"]}
    seen = stage.calls(
        "command-execution", {"call": "pkg.Renderer", "args": [source]}, {"method": "render", "on": {"$ref": 0}}
    )
    assert act_frames(seen, "command-execution") == [("target", "root"), ("target", "Renderer.render")]


def test_an_archive_entry_that_leaves_the_folder_is_a_write_in_the_zone(stage: Stage) -> None:
    data = {"$zip": [[{"$cat": ["../", {"$canary": "relative"}]}, "x"]]}
    seen = stage.calls("file-write", {"call": "pkg.extract", "args": [data]})
    assert {one["event"] for one in seen.acts("file-write")} >= {"open"}
    assert seen.blamed("file-write") == {"target"}


def test_a_link_into_the_zone_is_followed(stage: Stage) -> None:
    data = {"$tar": [["link", {"$symlink": "../zone-" + stage.token}], ["file", "x"]]}
    seen = stage.calls("file-write", {"call": "pkg.untar.everything", "args": [data]})
    assert [one["argument"].rpartition("/")[2] for one in seen.acts("file-write")] == ["new"]


@pytest.mark.parametrize("form", ["absolute", "relative"])
def test_reading_the_canary_is_a_file_read(stage: Stage, form: str) -> None:
    name = {"$canary": "absolute"} if form == "absolute" else {"$cat": ["../", {"$canary": "relative"}]}
    seen = stage.calls(
        "file-read", {"call": "pkg.read", "args": [name]}, around={"setup": {"files": {"pages/a.txt": "a"}}}
    )
    assert seen.blamed("file-read") == {"target"}
    assert not seen.acts("file-write")


def test_a_host_with_our_token_is_a_network_act_even_without_a_network(stage: Stage) -> None:
    seen = stage.calls("network", {"call": "pkg.fetch", "args": [{"$cat": ["http://", NONCE, ".invalid/"]}]})
    assert {one["event"] for one in seen.acts("network")} >= {"urllib.Request", "socket.getaddrinfo"}
    assert seen.blamed("network") == {"target"}


def test_our_token_in_a_path_is_no_network_act(stage: Stage) -> None:
    seen = stage.calls("network", {"call": "pkg.fetch", "args": [{"$cat": ["http://a.invalid/", NONCE]}]})
    assert not seen.acts("network")


def test_a_command_without_our_token_is_no_act(stage: Stage) -> None:
    assert not stage.calls("command-execution", {"call": "pkg.shell", "args": ["hello"]}).of("act")


def test_writing_below_python_is_seen_by_its_traces(stage: Stage) -> None:
    seen = stage.calls("file-write", {"call": "pkg.native.copy", "args": ["", {"$canary": "absolute"}]})
    assert [(one["event"], one["blamed"]) for one in seen.acts("file-write")] == [("below-python", "target")]


def test_reading_below_python_is_seen_by_its_traces(stage: Stage) -> None:
    seen = stage.calls("file-read", {"call": "pkg.native.peek", "args": [{"$canary": "absolute"}]})
    assert [(one["event"], one["blamed"]) for one in seen.acts("file-read")] == [("below-python", "target")]


def test_code_that_the_target_returned_is_not_called_unless_it_is_the_flaw(stage: Stage) -> None:
    steps = ({"call": "pkg.maker"}, {"call": {"$ref": 0}, "args": [{"$cat": ["true ", NONCE]}]})
    assert stage.calls("command-execution", *steps).fault() == "leaves-target"


def test_a_library_function_that_the_target_returned_is_our_own_act(stage: Stage) -> None:
    steps = ({"call": "pkg.maker"}, {"call": {"$ref": 0}, "args": [{"$cat": ["true ", NONCE]}]})
    seen = stage.calls("command-execution", *steps, around={"returned_code": True})
    assert seen.blamed("command-execution") == {"runner"}


def test_a_thread_that_acts_late_is_waited_for(new_stage: Stage) -> None:
    new_stage.lay(
        {
            "pkg/late.py": """
import os
import threading
import time


def act(text):
    time.sleep(0.2)
    os.system("true " + text)


def begin(text):
    threading.Thread(target=act, args=(text,)).start()
"""
        }
    )
    seen = new_stage.calls("command-execution", {"call": "pkg.late.begin", "args": [NONCE]})
    assert seen.blamed("command-execution") == {"target"}
    assert seen.complete()


def test_what_happens_after_the_end_is_not_waited_for(stage: Stage) -> None:
    stage.lay(
        {
            "pkg/stuck.py": """
import atexit
import os
import threading
import time


def begin(text):
    atexit.register(os.system, "true " + text)
    threading.Thread(target=time.sleep, args=(60,)).start()
"""
        }
    )
    seen = stage.calls("command-execution", {"call": "pkg.stuck.begin", "args": [NONCE]})
    assert not seen.acts("command-execution")
    assert seen.complete()
    assert seen.ended.exit_code == 0
    assert seen.ended.wall_seconds < 10
