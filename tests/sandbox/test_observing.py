"""The observer outside sees the calls that concern us, whoever makes them, and changes nothing of what may be done."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import observer_process, observing
from clearinghouse.sandbox.profile import Job, Kind, Limits, Observed, Watching
from tests.sandbox.makers import a_sandbox, run_inside
from tests.sandbox.test_orphans import left_after
from tests.sandbox.test_warden import appeared, wardens

NEEDLE = "k3jx9w2m4q"
ZONE = f"/job/zone-{NEEDLE}"
FILES = (Kind.READS, Kind.WRITES)


def seen(code: str, *kinds: Kind, **job: object) -> Observed:
    """Run Python code that finds ``needle`` and ``zone`` set, without spelling either out in its arguments."""
    watching = Watching(frozenset(kinds), NEEDLE, ZONE)
    opening = f"import os\nneedle={NEEDLE[::-1]!r}[::-1]\nzone='/job/zone-'+needle\n"
    ended = run_inside(opening + code, watching=watching, **job)  # type: ignore[arg-type]
    assert ended.exit_code == 0, ended.stderr
    assert ended.observed is not None
    return ended.observed


def test_a_program_that_is_started_is_told_with_its_arguments() -> None:
    (call,) = seen("os.system('true ' + needle)", Kind.EXEC).calls
    assert (call.kind, call.name, call.text) == ("exec", "execve", f"/bin/sh sh -c true {NEEDLE}")


def test_what_children_threads_and_compiled_code_do_is_told_too() -> None:
    code = (
        "import ctypes, subprocess, threading\n"
        "if not os.fork(): os.execv('/bin/true', ['true', 'child-' + needle])\n"
        "os.wait()\n"
        "t = threading.Thread(target=os.system, args=('true thread-' + needle,)); t.start(); t.join()\n"
        "ctypes.CDLL(None).system(b'true compiled-' + needle.encode())\n"
        "subprocess.run(['sh'], input=b'exec /bin/true grandchild-' + needle.encode())\n"
    )
    told = " ".join(one.text for one in seen(code, Kind.EXEC).calls)
    assert all(f"{one}-{NEEDLE}" in told for one in ("child", "thread", "compiled", "grandchild"))


def test_a_long_command_is_read_to_where_it_concerns_us() -> None:
    (call,) = seen("os.system(': ' + 'x' * 100_000 + needle + 'y' * 9_000)", Kind.EXEC).calls
    assert NEEDLE in call.text and len(call.text) <= observer_process.TOLD_TEXT


def test_what_does_not_concern_us_is_not_told() -> None:
    observed = seen("os.system('true'); open('a', 'w').close(); open('a').close(); os.mkdir('b')", *Kind)
    assert observed.calls == ()
    assert observed.looked > 4 and observed.blind == 0


@pytest.mark.parametrize(
    ("code", "kind", "path"),
    [
        ("open(zone + '/x', 'w')", "write", "x"),
        ("open(zone + '/../' + zone[5:] + '/x', 'w')", "write", "x"),
        ("os.symlink(zone, 'link'); open('link/x', 'a')", "write", "x"),
        ("os.symlink(zone + '/x', 'link'); open('link', 'w')", "write", "x"),
        ("os.chdir(zone); open('x', 'w')", "write", "x"),
        ("place = os.open(zone, os.O_RDONLY); os.open('x', os.O_RDWR | os.O_CREAT, dir_fd=place)", "write", "x"),
        ("os.mkdir(zone + '/x')", "write", "x"),
        ("open('a', 'w').close(); os.rename('a', zone + '/x')", "write", "x"),
        ("os.symlink('a', zone + '/x')", "write", "x"),
        ("open('a', 'w').close(); os.link('a', zone + '/x')", "write", "x"),
        ("open(zone + '/x', 'w').close(); os.truncate(zone + '/x', 0)", "write", "x"),
        ("open(zone + '/x', 'w').close(); os.unlink(zone + '/x')", "write", "x"),
        ("os.rmdir(zone)", "write", ""),
        ("os.chmod(zone, 0o700)", "write", ""),
        ("open(zone + '/x', 'w').close(); open(zone + '/x').read()", "read", "x"),
    ],
)
def test_a_file_in_the_folder_is_told_by_whatever_way_it_is_reached(code: str, kind: str, path: str) -> None:
    observed = seen(f"os.mkdir(zone)\n{code}", *FILES)
    assert (kind, f"{ZONE}/{path}".rstrip("/")) in [(one.kind, one.text) for one in observed.calls]


def test_an_attempt_that_fails_is_told_as_well() -> None:
    code = "import contextlib\nwith contextlib.suppress(OSError): open(zone + '/no/such')"
    assert [one.text for one in seen(code, Kind.READS).calls] == [f"{ZONE}/no/such"]


def test_where_reads_do_not_count_they_are_not_looked_at() -> None:
    code = "os.mkdir(zone); open(zone + '/x', 'w').close(); open(zone + '/x').close()"
    assert {one.kind for one in seen(code, Kind.WRITES).calls} == {"write"}
    assert seen("pass", Kind.WRITES).looked < seen("pass", Kind.READS).looked


def test_a_folder_is_listed_unseen() -> None:
    assert seen("os.mkdir(zone); os.listdir(zone)", Kind.READS).calls == ()


@pytest.mark.parametrize("path", ["/proc/self/cwd/a", "/dev/fd/../cwd/a"])
def test_a_path_by_a_link_that_is_no_path_is_counted_as_not_seen(path: str) -> None:
    assert seen(f"open('a', 'w').close(); open({path!r})", Kind.READS).blind == 1


def test_a_socket_named_with_our_word_is_told() -> None:
    code = (
        "import contextlib, socket\nwith contextlib.suppress(OSError): "
        "socket.socket(socket.AF_UNIX).connect('/job/' + needle)"
    )
    (call,) = seen(code, Kind.NETWORK).calls
    assert (call.kind, call.name) == ("connect", "connect") and NEEDLE in call.text


def test_the_place_among_the_records_is_exact() -> None:
    code = (
        "import sys\nout = int(sys.argv[1])\n"
        "for number in range(20):\n os.write(out, b'r' * 1000); os.system('true ' + needle)\n"
    )
    watching = Watching(frozenset({Kind.EXEC}), NEEDLE, ZONE)
    opening = f"import os\nneedle={NEEDLE[::-1]!r}[::-1]\n"
    ended = run_inside(opening + code, "{records}", watching=watching)
    assert ended.observed is not None
    assert [one.after for one in ended.observed.calls] == [1000 * number for number in range(1, 21)]


def test_a_flood_is_cut_and_said_and_stops_nobody() -> None:
    code = (
        "import contextlib\nfor _ in range(400):\n with contextlib.suppress(OSError): os.open(zone + '/x', os.O_RDONLY)"
    )
    observed = seen(code, Kind.READS)
    assert (len(observed.calls), observed.left_out) == (observer_process.MOST_TOLD, 400 - observer_process.MOST_TOLD)


def test_what_the_sandbox_refuses_stays_refused() -> None:
    code = (
        "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "assert libc.socket(2, 1, 0) == -1 and ctypes.get_errno() == errno.EPERM\n"
        "assert libc.unshare(0x10000000) == -1 and ctypes.get_errno() == errno.EPERM\n"
        "assert libc.syscall(317, 1, 8, 0) == -1\n"
        "for path in ('/usr/x', '/etc/x'):\n"
        " try: open(path, 'w')\n"
        " except OSError: continue\n"
        " raise AssertionError(path)\n"
    )
    assert seen(code, *Kind).why == ""


def test_no_descriptor_of_the_observer_is_seen_inside() -> None:
    code = "print(sorted(os.listdir('/proc/self/fd')))"
    watched = run_inside(f"import os\n{code}", watching=Watching(frozenset(Kind), NEEDLE, ZONE))
    assert watched.stdout == run_inside(f"import os\n{code}").stdout


def test_a_job_that_nobody_watches_tells_nothing() -> None:
    assert run_inside("pass").observed is None


def test_a_watched_job_that_hangs_in_a_flood_is_ended_at_its_limit() -> None:
    watching = Watching(frozenset({Kind.READS}), NEEDLE, ZONE)
    script = f"while :; do true <{ZONE}; done 2>/dev/null"
    began = time.monotonic()
    ended = a_sandbox().run(
        Job(argv=("/bin/sh", "-c", script), watching=watching, limits=Limits(wall_seconds=1, output_bytes=10))
    )
    assert ended.timed_out and time.monotonic() - began < 10
    assert ended.observed is not None and ended.observed.looked > 0


def test_nothing_of_a_watched_job_stays_when_the_warden_is_killed() -> None:
    marker = f"watched-{os.getpid()}"
    watching = Watching(frozenset({Kind.READS}), NEEDLE, ZONE)
    script = f"while :; do true <{ZONE}; done 2>/dev/null; : {marker}"
    caught: list[Exception] = []

    def run() -> None:
        try:
            a_sandbox().run(Job(argv=("/bin/sh", "-c", script), watching=watching, limits=Limits(wall_seconds=30)))
        except Unavailable as refusal:
            caught.append(refusal)

    job = threading.Thread(target=run)
    job.start()
    assert appeared(marker)
    for pid in wardens():
        os.kill(pid, signal.SIGKILL)
    job.join()
    assert "ended by somebody" in str(caught[0])
    assert left_after(marker, seconds=3) == []


def test_jobs_side_by_side_are_told_apart() -> None:
    found: dict[int, list[str]] = {}

    def one(number: int) -> None:
        watching = Watching(frozenset({Kind.EXEC}), f"needle{number}x", ZONE)
        code = f"import os\nfor _ in range(5): os.system('true ' + 'x{number}eldeen'[::-1])"
        code = code.replace(f"x{number}eldeen", f"needle{number}x"[::-1])
        observed = run_inside(code, watching=watching).observed
        found[number] = [call.text for call in observed.calls] if observed else []

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [f"/bin/sh sh -c true needle{number}x"] * 5 for number in range(4)}


def test_where_somebody_listens_already_it_says_so_and_the_job_runs() -> None:
    code, _, number = observing.program(frozenset({Kind.EXEC}))
    folder = str(Path(observer_process.__file__).parent)
    script = (
        f"import sys; sys.path.append({folder!r}); import observer_process as one\n"
        f"code = bytes.fromhex({code.hex()!r})\n"
        f"one.install(code, {number})\n"
        f"try: one.install(code, {number})\nexcept OSError as refusal: print(refusal.errno)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said.stdout == "16\n", said.stderr  # EBUSY


def test_a_filter_that_the_kernel_refuses_is_told_and_the_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    number = observing.program(frozenset({Kind.EXEC}))[2]
    monkeypatch.setattr(observing, "program", lambda _kinds: (b"\0" * 8, {}, number))
    watching = Watching(frozenset({Kind.EXEC}), NEEDLE, ZONE)
    ended = a_sandbox().run(Job(argv=("/bin/echo", "runs"), watching=watching))
    assert ended.stdout == b"runs\n"
    assert ended.observed is not None and "Invalid argument" in ended.observed.why


def test_the_filters_numbers_are_those_the_observer_knows() -> None:
    _, names, _ = observing.program(frozenset(Kind))
    known = {"execve", "connect", "sendto", *observer_process.OPENS, *observer_process.CHANGES}
    assert set(names.values()) <= known
    assert {one for calls in observing.CALLS.values() for one in calls} == known


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_sees_as_much_when_the_whole_product_has_no_privilege(tmp_path: Path) -> None:
    from tests.sandbox.makers import a_python

    root = a_python().root
    script = tmp_path / "look.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from clearinghouse.sandbox.profile import Job, Kind, Mount, Watching\n"
        "from clearinghouse.sandbox.select import sandbox_for\n"
        "job = Job(argv=('/bin/sh', '-c', 'true; echo > zone-needle; /bin/true needle'),\n"
        "          watching=Watching(frozenset(Kind), 'needle', '/job/zone-needle'))\n"
        "observed = sandbox_for().run(job).observed\n"
        "print(sorted({one.kind for one in observed.calls}), observed.blind, observed.why)\n"
    )
    places = [str(Path(observing.__file__).parents[2]), *(one for one in sys.path if one.endswith("site-packages"))]
    said = subprocess.run(
        [str(root / "bin" / Path(a_python().program).name), "-B", "-c", script.read_text()],
        env={"PYTHONPATH": ":".join(places), "LD_LIBRARY_PATH": str(root / "lib"), "PATH": "/usr/bin:/bin"},
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert said.stdout == "['exec', 'write'] 0 \n", said.stderr
