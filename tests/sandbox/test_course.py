"""A job gets what it was given, and we get what it did."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.sandbox.profile import MIB, Ended, Job, Limits, Mount, Sandbox
from tests.sandbox.makers import a_node, a_sandbox, run_inside


def shell(sandbox: Sandbox, script: str, **job: object) -> Ended:
    return sandbox.run(Job(argv=("/bin/sh", "-c", script), **job))  # type: ignore[arg-type]


def test_output_and_exit_code_come_back(sandbox: Sandbox) -> None:
    ended = shell(sandbox, "echo out; echo err >&2; exit 7")
    assert (ended.stdout, ended.stderr, ended.exit_code, ended.signal) == (b"out\n", b"err\n", 7, None)


def test_exit_code_139_is_not_taken_for_a_signal(sandbox: Sandbox) -> None:
    assert shell(sandbox, "exit 139").exit_code == 139


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_is_told(sandbox: Sandbox, number: signal.Signals) -> None:
    ended = shell(sandbox, f"kill -{number.value} $$")
    assert (ended.exit_code, ended.signal) == (None, number)


def test_a_real_crash_is_told_as_its_signal(sandbox: Sandbox) -> None:
    assert run_inside("import ctypes; ctypes.string_at(0)", sandbox=sandbox).signal == signal.SIGSEGV


def test_a_program_that_is_not_there_is_exit_127(sandbox: Sandbox) -> None:
    ended = sandbox.run(Job(argv=("/no/such/program",)))
    assert ended.exit_code == 127
    assert b"not found" in ended.stderr


def test_stdin_brief_and_records_are_joined_to_the_program(sandbox: Sandbox) -> None:
    code = (
        "import os,sys; brief=open(int(sys.argv[1]),'rb').read(); "
        "os.write(int(sys.argv[2]), brief[::-1]); print(sys.stdin.read()[:5], len(brief))"
    )
    ended = run_inside(
        code, "{brief}", "{records}", brief=b"x" * 300_000 + b"end", stdin=b"hello" + b"." * 200_000, sandbox=sandbox
    )
    assert ended.stdout == b"hello 300003\n"
    assert ended.records.startswith(b"dnexx") and len(ended.records) == 300_003


def test_the_brief_can_be_read_only_once(sandbox: Sandbox) -> None:
    code = (
        "import os,sys; n=int(sys.argv[1]); open(n,'rb').read()\n"
        "for pid in ('self','1'):\n"
        "  for fd in os.listdir(f'/proc/{pid}/fd'):\n"
        "    try:\n"
        "      d=os.open(f'/proc/{pid}/fd/{fd}', os.O_RDONLY|os.O_NONBLOCK); print(os.read(d,99))\n"
        "    except OSError: pass\n"
    )
    assert b"SECRET" not in run_inside(code, "{brief}", sandbox=sandbox, brief=b"SECRET").stdout


def test_files_are_put_into_work_and_work_is_writable(sandbox: Sandbox) -> None:
    ended = shell(sandbox, "cat a/b.txt c; echo new >d; cat d; pwd", files={"a/b.txt": b"1\n", "c": b"2\n"})
    assert ended.stdout == b"1\n2\nnew\n/job\n"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a//b", "", "a/./b", "a\0b"])
def test_files_that_leave_work_are_refused(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(Malformed, match="below /job"):
        shell(sandbox, "true", files={name: b""})


def test_what_is_collected_are_regular_files_only(sandbox: Sandbox) -> None:
    script = "mkdir out out/sub; echo 1 >out/a; chmod 4755 out/a; echo 2 >out/sub/b"
    script += "; ln -s /etc/passwd out/link; mkfifo out/pipe"
    assert shell(sandbox, script, collect="out").collected == {"a": b"1\n", "sub/b": b"2\n"}


def test_a_link_in_the_place_of_the_collected_folder_brings_nothing(sandbox: Sandbox) -> None:
    assert shell(sandbox, "ln -s /etc out", collect="out").collected == {}


def test_environment_is_ours_and_the_jobs_alone(sandbox: Sandbox) -> None:
    os.environ["CLEARINGHOUSE_TEST_SECRET"] = "x"  # noqa: TID251
    try:
        ended = shell(sandbox, "env", env={"ASKED": "yes"})
    finally:
        del os.environ["CLEARINGHOUSE_TEST_SECRET"]  # noqa: TID251
    names = {line.partition(b"=")[0] for line in ended.stdout.splitlines()}
    assert names == {b"ASKED", b"HOME", b"LANG", b"PATH", b"PWD", b"TMPDIR"}


def test_a_mount_is_seen_where_it_was_asked_for(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_text("content")
    os.chmod(tmp_path, 0o700)  # noqa: PTH101 closed to the sandbox's user, so it is copied
    ended = shell(sandbox, "cat /app/node_modules/x/inner/file", mounts=(Mount(tmp_path, "/app/node_modules/x"),))
    assert ended.stdout == b"content"


def test_a_mount_that_changed_is_seen_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    found = []
    for text in ("one", "other"):
        (tmp_path / "file").write_text(text)
        found.append(shell(sandbox, "cat /m/file", mounts=(Mount(tmp_path, "/m"),)).stdout)
    assert found == [b"one", b"other"]


def test_a_mount_that_is_not_there_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not exist"):
        shell(sandbox, "true", mounts=(Mount(tmp_path / "absent", "/m"),))


def test_for_how_long_a_job_waited_for_a_processor_is_told_when_it_is_ended() -> None:
    asleep = shell(a_sandbox(), "sleep 20", limits=Limits(wall_seconds=1))
    busy = run_inside("while True: pass", limits=Limits(wall_seconds=1, patience=1))
    for ended in (asleep, busy):
        if ended.waited_seconds is None:
            pytest.skip("this kernel does not count for how long a process waits")
    assert asleep.timed_out and busy.timed_out
    assert asleep.cpu_seconds + (asleep.waited_seconds or 0) < 0.8
    assert busy.cpu_seconds + (busy.waited_seconds or 0) > 0.5


def test_a_job_that_only_sleeps_is_ended_where_that_was_asked_and_one_that_works_is_not(sandbox: Sandbox) -> None:
    limits = Limits(wall_seconds=30, idle_seconds=1)
    asleep = shell(sandbox, "sleep 20", limits=limits)
    assert (asleep.timed_out, asleep.wall_seconds < limits.wall_seconds / 2) == (True, True)
    awake = run_inside("import time\nwhile time.process_time() < 2: pass", sandbox=sandbox, limits=limits)
    assert (awake.timed_out, awake.exit_code) == (False, 0)


def test_who_floods_us_with_output_is_ended_at_once(sandbox: Sandbox) -> None:
    limits = Limits(wall_seconds=60, output_bytes=MIB)
    ended = run_inside("import sys\nwhile True: sys.stdout.write('x' * 100000)", sandbox=sandbox, limits=limits)
    assert (ended.exit_code, ended.signal, ended.timed_out) == (None, signal.SIGXFSZ, False)
    assert (len(ended.stdout), ended.cut) == (MIB, ("stdout",))
    assert ended.wall_seconds < limits.wall_seconds


def test_too_much_output_is_cut_and_said_and_stops_nobody(sandbox: Sandbox) -> None:
    ended = shell(
        sandbox, "head -c 50000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 3", limits=Limits(output_bytes=MIB)
    )
    assert (len(ended.stdout), len(ended.stderr), ended.cut) == (MIB, MIB, ("stdout", "stderr"))
    assert ended.exit_code == 3


def test_the_wall_limit_ends_everything(sandbox: Sandbox) -> None:
    began = time.monotonic()
    ended = shell(sandbox, "sleep 60 & (trap '' TERM; sleep 60) & wait", limits=Limits(wall_seconds=0.5))
    assert ended.timed_out and ended.exit_code is None and ended.signal == signal.SIGKILL
    assert time.monotonic() - began < 5


def test_a_job_that_hangs_has_its_processor_time_counted(sandbox: Sandbox) -> None:
    ended = shell(sandbox, "while :; do :; done", limits=Limits(wall_seconds=1.0))
    assert ended.timed_out and 0.2 < ended.cpu_seconds < 1.5


def test_children_of_a_job_that_hangs_are_counted_too(sandbox: Sandbox) -> None:
    code = "import os,time\nif not os.fork():\n while True: pass\ntime.sleep(60)"
    ended = run_inside(code, limits=Limits(wall_seconds=1.2), sandbox=sandbox)
    assert ended.timed_out and ended.cpu_seconds > 0.2


def test_processor_time_and_memory_of_a_job_that_ends_are_counted(sandbox: Sandbox) -> None:
    code = "import time; x=bytearray(200<<20); end=time.process_time()+0.3\nwhile time.process_time()<end: pass"
    ended = run_inside(code, sandbox=sandbox)
    assert ended.exit_code == 0
    assert 0.3 < ended.cpu_seconds < 2 and ended.peak_bytes > 200 * MIB


def test_the_processor_limit_ends_a_job(sandbox: Sandbox) -> None:
    ended = shell(sandbox, "while :; do :; done", limits=Limits(cpu_seconds=1, wall_seconds=20))
    assert ended.signal in {signal.SIGXCPU, signal.SIGKILL} and not ended.timed_out


def test_jobs_in_several_threads_do_not_meet(sandbox: Sandbox) -> None:
    found: dict[int, bytes] = {}

    def one(number: int) -> None:
        found[number] = shell(
            sandbox, f"echo {number} >file; sleep 0.1; cat file; ps 2>/dev/null | wc -l"
        ).stdout.split()[0]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number).encode() for number in range(6)}


def test_no_descriptor_of_ours_is_left_open(sandbox: Sandbox) -> None:
    shell(sandbox, "true")
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(3):
        shell(sandbox, "echo x", files={"a": b"b"}, collect="out")
        with pytest.raises(Malformed):
            shell(sandbox, "true", collect="../x")
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_node_runs_with_threads_children_and_webassembly(sandbox: Sandbox) -> None:
    node = a_node()
    code = (
        "const {Worker}=require('worker_threads'); const {execSync}=require('child_process');"
        "new WebAssembly.Memory({initial:1,maximum:65536}); new WebAssembly.Memory({initial:1,maximum:65536});"
        "const w=new Worker('require(\"worker_threads\").parentPort.postMessage(42)',{eval:true});"
        "w.on('message',m=>console.log(m, execSync('echo child')+''))"
    )
    ended = sandbox.run(Job(argv=(node.program, "-e", code), mounts=(Mount(node.root, node.inside_root),)))
    assert (ended.exit_code, ended.stdout) == (0, b"42 child\n\n"), ended.stderr


def test_python_runs_with_threads_processes_and_its_libraries(sandbox: Sandbox) -> None:
    code = (
        "import asyncio, ctypes, lzma, multiprocessing, sqlite3, ssl, subprocess, tempfile, threading\n"
        "t=threading.Thread(target=print, args=('thread',)); t.start(); t.join()\n"
        "p=multiprocessing.get_context('fork').Process(target=print, args=('process',)); p.start(); p.join()\n"
        "multiprocessing.Lock(); asyncio.run(asyncio.sleep(0)); tempfile.mkdtemp()\n"
        "subprocess.run(['/bin/echo','child'], check=True)\n"
    )
    ended = run_inside(code, sandbox=sandbox)
    assert (ended.exit_code, sorted(ended.stdout.split())) == (0, [b"child", b"process", b"thread"]), ended.stderr
