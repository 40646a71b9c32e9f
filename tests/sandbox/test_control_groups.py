"""A sandbox sits in a control group of its own where the machine gave us one, and none is taken that was not given."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearinghouse.sandbox import control_groups
from clearinghouse.sandbox.course import sandbox_uid
from clearinghouse.sandbox.profile import MIB, Limits
from clearinghouse.sandbox.walls import group_limits

INSIDE = """
import json, os, subprocess, sys
sys.path.insert(0, {source!r})
from clearinghouse.sandbox import control_groups as groups
open({procs!r}, "w").write("0")
ours, why = groups.delegated({uid}, wanted={wanted!r})
if ours is None:
    print(json.dumps({{"why": why}}))
    sys.exit()
group = ours.make({limits!r})
shown = subprocess.run(groups.joined(group, ["/bin/cat", "/proc/self/cgroup"]), capture_output=True, text=True)
files = [name for name in {limits!r} if os.path.exists(f"{{group}}/{{name}}")]
held = {{name: groups.read(f"{{group}}/{{name}}").decode().strip() for name in files}}
sleeping = groups.joined(group, ["/bin/sh", "-c", "echo up; sleep 60 & sleep 60"])
sleeper = subprocess.Popen(sleeping, stdout=subprocess.PIPE)
assert sleeper.stdout.readline() == b"up\\n"
killed = ours.end(group)
status = sleeper.wait(10)
print(json.dumps({{"where": shown.stdout, "held": held, "killed": killed, "status": status,
    "owner": os.stat(ours.folder).st_uid, "controllers": ours.controllers, "name": os.path.basename(group)}}))
"""


@pytest.fixture
def group() -> Iterator[Path]:
    """Return a control group of version 2 as a manager would delegate it, with one for us in it, or skip."""
    own = Path(control_groups.own_folder())
    handed = [one for one in _words(own / "cgroup.controllers") if one not in _words(own / "cgroup.subtree_control")]
    folder = own / f"clearinghouse-test-{secrets.token_hex(4)}"
    try:
        for one in handed:
            (own / "cgroup.subtree_control").write_text(f"+{one}")
        (folder / "main").mkdir(parents=True)
        os.setxattr(folder, "user.delegate", b"1")
    except OSError as error:
        pytest.skip(f"no control group of version 2 can be made here: {error}")
    yield folder
    for place in sorted((one for one in folder.rglob("*") if one.is_dir()), reverse=True):
        place.rmdir()
    folder.rmdir()
    for one in handed:
        (own / "cgroup.subtree_control").write_text(f"-{one}")


def _words(file: Path) -> list[str]:
    return file.read_text().split() if file.is_file() else []


def inside(folder: Path, *, wanted: tuple[str, ...], limits: dict[str, str]) -> dict[str, object]:
    """Return what a process in ``folder``/main finds and does."""
    code = INSIDE.format(
        source=str(Path(control_groups.__file__).parents[2]),
        procs=str(folder / "main" / "cgroup.procs"),
        uid=sandbox_uid(),
        wanted=wanted,
        limits=limits,
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    said: dict[str, object] = json.loads(ended.stdout)
    return said


def test_a_program_is_in_its_group_from_its_first_instruction_and_ends_with_it(group: Path) -> None:
    there = (group / "cgroup.controllers").read_text().split()
    if not there:
        pytest.skip("no controller of version 2 on this machine")
    limits = {"hugetlb.2MB.max": "0", **group_limits(Limits(memory_bytes=64 * MIB))}
    said = inside(group, wanted=tuple(there), limits=limits)
    assert str(said["where"]).strip().endswith(f"/{said['name']}")
    assert said["owner"] == sandbox_uid()
    assert said["killed"] is False
    assert said["status"] == -9
    held = said["held"]
    assert isinstance(held, dict)
    assert held and all(limits[name] == value for name, value in held.items())


def test_a_group_without_a_useful_controller_is_not_taken(group: Path) -> None:
    said = inside(group, wanted=("no-such-controller",), limits={})
    assert "has none of: no-such-controller" in str(said["why"])


@pytest.mark.skipif(os.geteuid() != 0, reason="a user's own group is theirs without a mark")
def test_a_group_that_nobody_gave_us_is_left_alone(group: Path) -> None:
    os.removexattr(group, "user.delegate")
    said = inside(group, wanted=control_groups.WANTED, limits={})
    assert "no control group is delegated to us" in str(said["why"])
    assert sorted(one.name for one in group.iterdir() if one.is_dir()) == ["main"]


def test_what_a_dead_warden_left_is_taken_away(group: Path) -> None:
    there = (group / "cgroup.controllers").read_text().split()
    if not there:
        pytest.skip("no controller of version 2 on this machine")
    left = group / f"{control_groups.PREFIX}{2**22 + 1}"
    (left / "7").mkdir(parents=True)
    inside(group, wanted=tuple(there), limits={})
    assert not left.exists()


def test_the_kernels_limit_is_above_the_counted_one() -> None:
    limits = Limits()
    told = group_limits(limits)
    assert int(told["memory.max"]) > limits.memory_bytes
    assert int(told["pids.max"]) > limits.processes
    assert told["memory.swap.max"] == "0"
