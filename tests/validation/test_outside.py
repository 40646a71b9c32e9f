"""What the observer outside says of an act: real programs in the real sandbox, and the comparison by itself."""

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Call, Ended, Observed
from clearinghouse.validation.brief import Form, Proof, Secrets
from clearinghouse.validation.launch import Start, launch
from clearinghouse.validation.outside import CERTAIN, KINDS, Outside, compare, watching, witness_below
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Outcome, Owner, Run, VariantName
from clearinghouse.validation.runners import Runners
from tests.sandbox.makers import a_python, a_sandbox, a_shared_cache
from tests.validation.test_detectors import act, ended

TOKEN = "k3jx9w2m4q7p8r5t6y"
COMMAND, READ, WRITE, NETWORK = KINDS
TARGET = """
import ctypes, os, shutil, socket, subprocess, threading

def shell(text):
    return os.system("true " + text)

def popen(text):
    return subprocess.run(["true", text]).returncode

def popen_nowhere(text):
    try:
        subprocess.Popen(["true", text], cwd="/no/such/folder")
    except OSError:
        pass

def in_thread(text):
    worker = threading.Thread(target=os.system, args=("true " + text,))
    worker.start()
    worker.join()

def spawn(text):
    return os.spawnvp(os.P_WAIT, "true", ["true", text])

def read(path):
    return open(path).read()

def read_beside(path):
    try:
        open(path + ".missing").read()
    except OSError:
        pass

def write(path):
    with open(path, "w") as file:
        file.write("x")

def write_by_link(folder):
    os.symlink(folder, "link")
    with open("link/x", "w") as file:
        file.write("x")

def hold_folder(path):
    os.open(path, os.O_RDONLY | os.O_DIRECTORY)

def make(path):
    os.mkdir(path)

def remove(path):
    shutil.rmtree(path, ignore_errors=True)

def lookup(host):
    try:
        socket.getaddrinfo(host, 80)
    except OSError:
        pass

def compiled_shell(text):
    ctypes.CDLL(None).system(b"true " + text.encode())

def compiled_read(path):
    ctypes.CDLL(None).open(path.encode() + b".missing", os.O_RDONLY)

def child_shell(text):
    subprocess.run(["sh"], input=b"/bin/true " + text.encode())

def quiet(text):
    return text
"""

FORGER = """
import gc, os, sys
import pkg

found = []


def peek(phase, info):
    frame = sys._getframe(1)
    while frame is not None and not found:
        one = frame.f_locals.get("self")
        if hasattr(one, "_send"):
            found.append(one._send)
        frame = frame.f_back


gc.callbacks.append(peek)
gc.set_threshold(1)
for number in range(200):
    pkg.make(str(number))
    if found:
        break
gc.set_threshold(0)
gc.callbacks.remove(peek)
for event in EVENTS:
    found[0]({"t": "act", "detector": "command-execution", "event": event, "argument": "true @@TOKEN@@",
              "token": True, "step": None, "blamed": "target", "frames": []})
"""
"""Looks through our hook's frames, while a garbage collection interrupts it, for what sends the records."""


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "pkg.py").write_text(TARGET)
        yield Environment("pkg:pypi/pkg", "1.0", folder, None, ("pkg",), (), a_python())


def run(environment: Environment, detector: Detector, form: Form) -> Run:
    proof = Proof(Runtime.PYTHON, "program" if form.program else "calls", detector, form, None)
    runner = Runners(a_shared_cache() / "runners", a_sandbox()).folder(environment.interpreter)
    secrets = Secrets(key="00" * 32, token=TOKEN)
    start = Start(VariantName.VULNERABLE)
    return launch(proof, environment, a_sandbox(), start, runner=runner, secrets=secrets)[0]


def calls(*steps: dict[str, Any]) -> Form:
    return Form("calls", document={"steps": list(steps)})


def program(text: str) -> Form:
    return Form("program", program="proof.py", files={"proof.py": text.encode()})


def call(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"call": f"pkg.{name}", "args": [value]}


NONCE: dict[str, Any] = {"$nonce": True}
CANARY: dict[str, Any] = {"$canary": "absolute"}
ZONE: dict[str, Any] = {"$cat": ["/job/zone-", NONCE]}

HONEST = [
    (COMMAND, "shell", NONCE),
    (COMMAND, "popen", NONCE),
    (COMMAND, "in_thread", NONCE),
    (COMMAND, "spawn", NONCE),
    (READ, "read", CANARY),
    (READ, "read_beside", CANARY),
    (READ, "read", {"$canary": "relative"}),
    (WRITE, "write", CANARY),
    (WRITE, "write_by_link", ZONE),
    (WRITE, "make", CANARY),
]


@pytest.mark.parametrize(("detector", "name", "value"), HONEST)
def test_what_an_honest_call_does_is_seen_from_outside(
    environment: Environment, detector: Detector, name: str, value: dict[str, Any]
) -> None:
    shown = run(environment, detector, calls(call("quiet", NONCE), call(name, value)))
    assert (shown.outcome, shown.tampered, shown.facts["outside"]["said"]) == (Outcome.FIRED, "", "seen")
    assert shown.witness is not None and shown.witness.blamed is Owner.TARGET


@pytest.mark.parametrize(
    ("detector", "name", "value"),
    [(NETWORK, "lookup", NONCE), (WRITE, "remove", CANARY), (READ, "hold_folder", ZONE)],
)
def test_what_need_not_reach_the_kernel_is_not_held_against_the_proof(
    environment: Environment, detector: Detector, name: str, value: dict[str, Any]
) -> None:
    shown = run(environment, detector, calls(call(name, value)))
    assert (shown.outcome, shown.facts["outside"]["said"]) == (Outcome.FIRED, "not-possible")


@pytest.mark.parametrize("detector", KINDS)
def test_what_does_nothing_shows_nothing_outside_either(environment: Environment, detector: Detector) -> None:
    assert run(environment, detector, calls(call("quiet", NONCE))).outcome is Outcome.SILENT


@pytest.mark.parametrize(
    ("detector", "name", "value", "event"),
    [
        (COMMAND, "compiled_shell", NONCE, "execve"),
        (COMMAND, "child_shell", NONCE, "execve"),
        (READ, "compiled_read", CANARY, "open"),
    ],
)
def test_an_act_of_compiled_code_or_of_a_child_is_blamed_on_the_call_that_ran(
    environment: Environment, detector: Detector, name: str, value: dict[str, Any], event: str
) -> None:
    shown = run(environment, detector, calls(call("quiet", value), call(name, value), call("quiet", value)))
    assert (shown.outcome, shown.facts["outside"]["said"]) == (Outcome.FIRED, "below")
    assert shown.witness is not None
    assert shown.witness.event.startswith(event)
    assert (shown.witness.blamed, shown.witness.state()) == (Owner.TARGET, (f"pkg.{name}",))
    assert TOKEN not in shown.witness.argument


def test_beside_a_program_nobody_can_be_blamed_for_an_act_below_the_hook(environment: Environment) -> None:
    shown = run(environment, COMMAND, program("import pkg\npkg.child_shell('@@TOKEN@@')\n"))
    assert shown.witness is not None
    assert (shown.outcome, shown.witness.blamed, shown.facts["outside"]["said"]) == (
        Outcome.FIRED, Owner.UNKNOWN, "below",
    )  # fmt: skip


def test_an_honest_program_is_seen_from_outside(environment: Environment) -> None:
    shown = run(environment, COMMAND, program("import pkg\npkg.shell('@@TOKEN@@')\n"))
    assert (shown.outcome, shown.tampered, shown.facts["outside"]["said"]) == (Outcome.FIRED, "", "seen")


def test_a_record_that_was_forged_through_our_frames_is_tampering(environment: Environment) -> None:
    shown = run(environment, COMMAND, program(FORGER.replace("EVENTS", "['os.system']")))
    assert shown.tampered == "os.system was reported, but the kernel was never asked to do it"


def test_a_forged_record_beside_an_act_of_its_own_is_one_too_many(environment: Environment) -> None:
    forger = FORGER.replace("EVENTS", "['os.system']") + "os.system('true @@TOKEN@@')\n"
    shown = run(environment, COMMAND, program(forger))
    assert shown.tampered == "2 programs were reported to be started, but the kernel was asked for 1"


def test_a_forged_record_of_an_event_that_may_end_early_is_held(environment: Environment) -> None:
    shown = run(environment, COMMAND, program(FORGER.replace("EVENTS", "['subprocess.Popen']")))
    assert (shown.tampered, shown.facts["outside"]["said"]) == ("", "unseen")


def test_a_start_that_failed_before_the_kernel_was_asked_is_held_and_no_forgery(environment: Environment) -> None:
    shown = run(environment, COMMAND, calls(call("popen_nowhere", NONCE)))
    assert (shown.tampered, shown.facts["outside"]["said"]) == ("", "unseen")


# the comparison by itself

READY = {"t": "ready"}
FORM = Form("program")


def an_end(*seen: Call, lines: int = 9, **changes: object) -> Ended:
    counts = {name: changes.pop(name) for name in ("looked", "blind", "left_out", "why") if name in changes}
    observed = Observed(calls=seen, **{"looked": 5, **counts})  # type: ignore[arg-type]
    return dataclasses.replace(ended(), observed=observed, records=b"x\n" * lines, **changes)  # type: ignore[arg-type]


def records(*items: dict[str, Any], complete: bool = True) -> Records:
    return Records((READY, *items), ended=complete, broken="")


def a_call(*, kind: str = "exec", after: int = 2) -> Call:
    return Call(kind, "execve", f"true true {TOKEN}", after)


def said(how: Ended, *, event: str = "os.system", form: Form = FORM, complete: bool = True) -> tuple[Outside, bool]:
    compared = compare(COMMAND, event, form, records(act(event=event), complete=complete), how)
    return compared.said, compared.forged


def test_a_call_after_the_start_confirms_an_act() -> None:
    assert said(an_end(a_call())) == (Outside.SEEN, False)


@pytest.mark.parametrize("other", [a_call(after=0), a_call(kind="write")])
def test_what_came_before_the_start_or_is_of_another_kind_confirms_nothing(other: Call) -> None:
    assert said(an_end(other)) == (Outside.UNSEEN, True)


def test_in_a_list_of_calls_nobody_forges() -> None:
    assert said(an_end(), form=Form("calls")) == (Outside.UNSEEN, False)


@pytest.mark.parametrize(
    "how",
    [
        dataclasses.replace(ended(), observed=None),
        an_end(why="no filter"),
        an_end(looked=0),
        an_end(blind=1),
        an_end(left_out=1),
        an_end(cut=("records",)),
        an_end(signal=9),
    ],
)
def test_an_observer_that_did_not_see_all_says_nothing(how: Ended) -> None:
    assert said(how) == (Outside.NOT_POSSIBLE, False)


def test_a_run_without_its_end_proves_no_forgery() -> None:
    assert said(an_end(), complete=False) == (Outside.NOT_POSSIBLE, False)


@pytest.mark.parametrize("event", ["socket.getaddrinfo", "fs.rm", "below-python", "shutil.rmtree", ""])
def test_events_that_may_end_by_themselves_prove_no_forgery(event: str) -> None:
    assert said(an_end(), event=event) == (Outside.NOT_POSSIBLE, False)


@pytest.mark.parametrize("event", sorted(CERTAIN))
def test_events_that_always_reach_the_kernel_prove_one(event: str) -> None:
    assert said(an_end(), event=event) == (Outside.UNSEEN, True)


def test_the_step_that_ran_is_told_by_the_records_before_the_call() -> None:
    form = Form("calls", document={"steps": [{"call": "pkg.one"}, {"method": "two"}, {"call": "pkg.three"}]})
    steps = records({"t": "step", "index": 0}, {"t": "step", "index": 1}, {"t": "step", "index": 2})
    for lines, name in ((1, "pkg.one"), (2, "two"), (3, "pkg.three"), (4, "pkg.three")):
        witness = witness_below(COMMAND, form, steps, an_end(a_call(after=2 * lines)), token=TOKEN)
        assert witness is not None and witness.state() == (name,)


def test_code_that_the_target_returned_is_nobodys_below_the_hook() -> None:
    form = Form("calls", document={"steps": [{"call": {"$ref": 0}}], "returned_code": True})
    witness = witness_below(COMMAND, form, records(), an_end(a_call()), token=TOKEN)
    assert witness is not None and witness.blamed is Owner.UNKNOWN


@pytest.mark.parametrize("detector", [one for one in Detector if one not in KINDS])
def test_nobody_observes_where_there_is_no_act(detector: Detector) -> None:
    assert watching(detector, FORM, TOKEN) is None


def test_nobody_observes_a_recording() -> None:
    assert watching(COMMAND, Form("record"), TOKEN) is None
