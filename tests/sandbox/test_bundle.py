"""The bundle of a gVisor sandbox gives no right and nothing to write but folders in memory."""

from pathlib import Path

from clearinghouse.sandbox.bundle import CHANNELS, bundle
from clearinghouse.sandbox.profile import MIB, Limits


def a_bundle() -> dict[str, object]:
    return bundle(
        rootfs=Path("/stage/rootfs"),
        channels=Path("/stage/run/channels"),
        mounts=[(Path("/usr"), "/usr"), (Path("/cache/target"), "/target")],
        command=["/bin/sh"],
        env={"ASKED": "yes"},
        limits=Limits(work_bytes=8 * MIB, cpu_seconds=3, wall_seconds=60),
    )


def test_the_first_process_has_no_right_and_can_gain_none() -> None:
    process = a_bundle()["process"]
    assert isinstance(process, dict)
    assert (process["capabilities"], process["noNewPrivileges"], process["user"]) == (
        {},
        True,
        {"uid": 1000, "gid": 1000},
    )
    assert "ASKED=yes" in process["env"] and "HOME=/job" in process["env"]


def test_only_the_folders_in_memory_and_the_pipes_can_be_written() -> None:
    config = a_bundle()
    mounts = config["mounts"]
    assert isinstance(mounts, list)
    writable = {one["destination"] for one in mounts if "ro" not in one.get("options", []) and one["type"] != "proc"}
    assert writable == {"/dev", CHANNELS, "/job", "/tmp", "/dev/shm"}
    assert config["root"] == {"path": "/stage/rootfs", "readonly": True}


def test_folders_in_memory_are_as_large_as_was_asked_for() -> None:
    mounts = a_bundle()["mounts"]
    assert isinstance(mounts, list)
    sizes = {one["destination"]: "size=8388608" in one.get("options", []) for one in mounts}
    assert [name for name, right in sizes.items() if right] == ["/job", "/tmp", "/dev/shm"]


def test_every_process_is_held_to_the_limits() -> None:
    process = a_bundle()["process"]
    assert isinstance(process, dict)
    limits = {one["type"]: one["hard"] for one in process["rlimits"]}
    assert (limits["RLIMIT_CPU"], limits["RLIMIT_CORE"], limits["RLIMIT_FSIZE"]) == (3, 0, 8 * MIB)
