"""The crash detector: only a fault that the kernel raised is one."""

import signal

import pytest

from tests.validation.runtimes.python.stage import Stage


def test_a_fault_is_the_kernels_and_the_targets(stage: Stage) -> None:
    seen = stage.calls("crash", {"call": "pkg.native.fault", "args": [1]})
    crash = seen.of("crash")[0]
    assert (crash["signal"], crash["kernel"], crash["blamed"]) == (signal.SIGSEGV, True, "target")
    assert [one["function"] for one in crash["frames"] if one["owner"] == "target"] == ["fault"]
    assert seen.complete()
    assert seen.ended.signal == signal.SIGSEGV


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL])
def test_a_fault_signal_that_was_sent_is_lost(stage: Stage, number: int) -> None:
    seen = stage.calls("crash", {"call": "pkg.native.sent", "args": [int(number)], "must_equal": "alive"})
    assert seen.raised() == [""]
    assert not seen.of("crash")


def test_an_abort_is_no_fault(stage: Stage) -> None:
    crash = stage.calls("crash", {"call": "pkg.native.stop"}).of("crash")[0]
    assert (crash["signal"], crash["kernel"]) == (signal.SIGABRT, False)


def test_a_calm_run_ends_as_any_other(stage: Stage) -> None:
    seen = stage.calls("crash", {"call": "pkg.check", "args": ["good"]})
    assert [one["t"] for one in seen.records] == ["ready", "step", "made", "end"]
    assert seen.ended.exit_code == 0


def test_a_program_that_takes_the_signal_back_and_sends_it_is_no_fault(stage: Stage) -> None:
    program = "import os, signal\nsignal.signal(11, signal.SIG_DFL)\nos.kill(os.getpid(), 11)\n"
    crash = stage.program("crash", program).of("crash")[0]
    assert crash["kernel"] is False
