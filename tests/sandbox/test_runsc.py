"""What an installed runsc says of itself decides whether it is used, and how."""

from pathlib import Path

import pytest

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox.runsc import first_that, runsc_at, said_to

PLATFORM = """  -platform string
        specifies which platform to use: {}, kvm. (default "x")
"""
NAMES = ("rootless", "network value", "root string", "host-fifo value", "ignore-cgroups")
FLAGS = "".join(f"  -{name}\n    \tsome words, not -flags.\n" for name in NAMES)
PROGRAM = Path("/usr/bin/runsc")


def test_the_quicker_platform_comes_first() -> None:
    assert said_to(PROGRAM, FLAGS + PLATFORM.format("ptrace (default), systrap")).platforms == ("systrap", "ptrace")


def test_a_build_that_knows_only_ptrace_says_so() -> None:
    assert said_to(PROGRAM, FLAGS + PLATFORM.format("ptrace (default)")).platforms == ("ptrace",)


def test_a_build_without_a_needed_option_is_refused_with_its_name() -> None:
    with pytest.raises(Unavailable, match="no --host-fifo; cure: install a newer"):
        said_to(PROGRAM, FLAGS.replace("host-fifo", "other") + PLATFORM.format("systrap"))


def test_a_build_without_a_platform_that_needs_no_rights_is_refused() -> None:
    with pytest.raises(Unavailable, match="no platform of systrap, ptrace"):
        said_to(PROGRAM, FLAGS + PLATFORM.format("xen"))


def test_a_program_that_is_no_runsc_is_refused() -> None:
    with pytest.raises(Unavailable, match="has no --"):
        runsc_at(Path("/bin/true"))


def test_options_are_given_only_where_they_are_known() -> None:
    folder = Path("/run")
    plain = said_to(PROGRAM, FLAGS + PLATFORM.format("systrap"))
    wide = said_to(PROGRAM, FLAGS + "  -overlay2 value\n    \twords\n" + PLATFORM.format("systrap"))
    has = [
        "--overlay2=none" in one.run(state=folder / "state", bundle=folder, platform="systrap") for one in (plain, wide)
    ]
    assert has == [False, True]


def test_every_sandbox_has_a_name_of_its_own_and_no_network_and_no_rights() -> None:
    known = said_to(PROGRAM, FLAGS + PLATFORM.format("systrap"))
    argv = known.run(state=Path("/stage/run-1/state"), bundle=Path("/stage/run-1"), platform="systrap")
    assert argv[-1] == "run-1"
    assert {"--rootless", "--network=none", "--platform=systrap"} <= set(argv)


def test_the_first_platform_that_works_is_taken() -> None:
    def works(platform: str) -> str:
        if platform == "systrap":
            raise Unavailable("it hangs")
        return platform

    assert first_that(works, ("systrap", "ptrace")) == "ptrace"
    with pytest.raises(Unavailable, match="on systrap it hangs"):
        first_that(works, ("systrap",))
