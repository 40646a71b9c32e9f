"""The sandbox of this machine is tried before it is used; where it does not work, cause and cure are said."""

from pathlib import Path

import pytest

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import select
from clearinghouse.sandbox.profile import Ended, Job
from tests.sandbox.makers import a_sandbox


class Broken:
    """A sandbox that does not come up."""

    tier = "broken"

    def __init__(self, said: str) -> None:
        self._said = said

    def run(self, job: Job) -> Ended:
        raise Unavailable(f"the sandbox did not come up: {self._said} {job.argv[0]}")


class Answering:
    """A sandbox in which every job ends alike."""

    tier = "answering"

    def __init__(self, ended: Ended) -> None:
        self._ended = ended

    def run(self, job: Job) -> Ended:
        del job
        return self._ended


def an_end(
    *, exit_code: int | None = 0, stdout: bytes = b"", records: bytes = b"word", timed_out: bool = False
) -> Ended:
    return Ended(
        exit_code=exit_code,
        signal=None,
        timed_out=timed_out,
        out_of_memory=False,
        stdout=stdout,
        stderr=b"",
        records=records,
        cut=(),
        wall_seconds=0.0,
        cpu_seconds=0.0,
        peak_bytes=0,
        tier="answering",
    )


def test_the_same_sandbox_is_given_again() -> None:
    a_sandbox()
    assert select.sandbox_for(demand="bubblewrap") is select.sandbox_for(demand="bubblewrap")


def test_an_unknown_tier_is_refused_with_those_there_are() -> None:
    with pytest.raises(Unavailable, match=r"'docker'.*gvisor, bubblewrap"):
        select.sandbox_for(demand="docker")


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("bwrap: No permissions to create new namespace", "unprivileged_userns_clone"),
        ("bwrap: setting up uid map: Permission denied", "apparmor_restrict_unprivileged_userns"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths=unconfined"),
        ("bwrap: Creating new namespace failed: No space left on device", "max_user_namespaces"),
        ("bwrap: Unknown option --disable-userns", "update bubblewrap"),
    ],
)
def test_what_bubblewrap_says_is_answered_with_a_cure(said: str, cure: str) -> None:
    with pytest.raises(Unavailable, match=cure):
        select._tried(Broken(said))


def test_without_the_program_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="apt-get install bubblewrap"):
        select._bubblewrap()


def test_where_runsc_is_not_installed_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="apt-get install runsc"):
        select._gvisor()


def test_a_build_that_knows_only_ptrace_is_used_on_demand_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "runsc"
    names = ["rootless", "network", "root", "host-fifo", "ignore-cgroups"]
    flags = "".join(f"  -{name}\n    words\n" for name in names) + "  -platform string\n    which: ptrace, kvm\n"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{flags}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Unavailable, match="knows only ptrace"):
        select.PREFERENCE[0]()
    with pytest.raises(Unavailable, match="on ptrace the sandbox"):
        select.TIERS["gvisor"]()


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (an_end(exit_code=12, stdout=b"a mount cannot be read\n"), "ended with 12: a mount cannot be read"),
        (an_end(stdout=b"works\n", records=b""), "ended with 0: works"),
        (an_end(exit_code=None, timed_out=True), "did not end within 20 seconds; cure: "),
    ],
)
def test_a_sandbox_that_does_not_stand_the_trial_is_refused(ended: Ended, said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        select._tried(Answering(ended))
