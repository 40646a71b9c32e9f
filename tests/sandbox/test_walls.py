"""The walls of bubblewrap: what is refused and how, what is there, what is held. Ways out are in ``escapes/``."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from clearinghouse.sandbox.profile import MIB, Limits
from tests.sandbox.makers import run_bare, run_inside

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="the control needs root")


def attempt(code: str) -> bytes:
    """Run code that prints ``done`` when it got through, and what stopped it otherwise."""
    ended = run_inside(f"try:\n  {code}\n  print('done')\nexcept BaseException as e: print(type(e).__name__, e)")
    return ended.stdout


def control(code: str) -> bytes:
    """Run the same without the wall."""
    return run_bare(f"try:\n  {code}\n  print('done')\nexcept BaseException as e: print(type(e).__name__, e)").stdout


def a_call(number: int, argument: int) -> str:
    """Return code that makes a system call and raises what it answers."""
    called = f"c.syscall({number},{argument},0,0,0,0)"
    return f"import ctypes; c=ctypes.CDLL(None,use_errno=True); r={called}; raise OSError(ctypes.get_errno(), r)"


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_ALG", "AF_VSOCK"])
def test_no_socket_but_a_local_one_can_be_made(family: str) -> None:
    kind = "SOCK_SEQPACKET" if family == "AF_ALG" else "SOCK_RAW" if family == "AF_NETLINK" else "SOCK_STREAM"
    assert attempt(f"import socket; socket.socket(socket.{family}, socket.{kind})").startswith(b"PermissionError")


def test_a_local_socket_pair_works() -> None:
    assert attempt("import socket; a,b=socket.socketpair(); a.send(b'x'); assert b.recv(1)==b'x'") == b"done\n"


def test_files_of_this_machine_are_not_there(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    for path in (secret, Path("/etc/hostname"), Path(__file__), Path("/var/lib"), Path.home()):
        code = f"import os; os.stat({str(path)!r})"
        assert attempt(code).startswith(b"FileNotFoundError")
    assert control(f"import os; os.stat({str(secret)!r})") == b"done\n"


@pytest.mark.parametrize("folder", ["/usr", "/etc", "/", "/dev", "/interp", "/usr/bin"])
def test_nothing_outside_the_work_folders_can_be_written(folder: str) -> None:
    stopped = attempt(f"open({folder + '/new'!r},'w')")
    assert b"Read-only" in stopped or stopped.startswith((b"PermissionError", b"FileNotFoundError"))


@pytest.mark.parametrize("folder", ["/job", "/tmp", "/dev/shm"])
def test_the_work_folders_can_be_written(folder: str) -> None:
    assert attempt(f"open({folder + '/new'!r},'w')") == b"done\n"


def test_the_first_process_cannot_be_killed_from_inside() -> None:
    assert run_inside("import os,signal; os.kill(1, 9); os.kill(1, 15); print('still here')").stdout == b"still here\n"


NUMBERS = {
    "mount": 165, "unshare a user namespace": 272, "setns": 308, "keyctl": 250, "add_key": 248, "bpf": 321,
    "perf_event_open": 298, "userfaultfd": 323, "process_vm_readv": 310, "memfd_create": 319, "shmget": 29,
    "kexec_load": 246, "init_module": 175, "pivot_root": 155, "chroot": 161, "open_by_handle_at": 304, "syslog": 103,
    "fanotify_init": 300, "pidfd_getfd": 438, "swapon": 167, "mount_setattr": 442, "open_tree": 428, "fsopen": 430,
    "vmsplice": 278, "io_setup": 206, "iopl": 172, "acct": 163, "ptrace": 101, "kcmp": 312, "execveat": 322,
}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize("call", sorted(NUMBERS))
def test_a_dangerous_call_is_refused_before_its_arguments_are_looked_at(call: str) -> None:
    code = a_call(NUMBERS[call], 0x10000000)
    assert attempt(code).startswith(b"PermissionError [Errno 1]")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize(("call", "number"), [("clone3", 435), ("io_uring_setup", 425), ("of tomorrow", 600)])
def test_a_call_that_libraries_probe_for_is_absent(call: str, number: int) -> None:
    code = a_call(number, 0)
    assert b"[Errno 38]" in attempt(code), call


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize("flags", [0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x7E020011])
def test_no_namespace_can_be_made_by_clone(flags: int) -> None:
    code = a_call(56, flags)
    assert attempt(code).startswith(b"PermissionError [Errno 1]")


def test_a_terminal_cannot_be_typed_into() -> None:
    code = "import fcntl,os; m,s=os.openpty(); fcntl.ioctl(s, {request}, b'x')"
    for request in (0x5412, 0x5412 | 1 << 32, 0x541C):
        assert attempt(code.format(request=request)).startswith((b"PermissionError", b"OverflowError"))


def test_nothing_inside_has_a_capability_or_can_gain_one() -> None:
    status = run_inside("print(open('/proc/self/status').read())").stdout.decode()
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(said["CapEff"], 16) == int(said["CapPrm"], 16) == int(said["CapBnd"], 16) == int(said["CapAmb"], 16) == 0
    assert (said["NoNewPrivs"].strip(), said["Seccomp"].strip()) == ("1", "2")


@AS_ROOT
def test_root_gives_up_user_and_groups_before_bubblewrap_starts() -> None:
    marker = f"marker-{time.monotonic_ns()}"
    job = threading.Thread(target=run_inside, args=("import time; time.sleep(1)", marker))
    job.start()
    until = time.monotonic() + 10
    seen: set[str] = set()
    while len(seen) < 3 and time.monotonic() < until:
        for pid in with_argument(marker):
            with suppress(OSError):
                status = Path("/proc", pid, "status").read_text()
                wanted = ("Name", "Uid", "Gid", "Groups")
                lines = [line.split() for line in status.splitlines() if line.startswith(wanted)]
                if lines[0][1] in {"bwrap", "sh", "python3.12"}:
                    seen.add(" ".join(" ".join(line[1:]) for line in lines))
    job.join()
    ours = "61999 61999 61999 61999"
    assert {"bwrap", "sh"} <= {one.split()[0] for one in seen}
    assert {one.partition(" ")[2] for one in seen} == {f"{ours} {ours} "}


def test_descriptors_of_ours_are_not_inherited(tmp_path: Path) -> None:
    leak = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(leak, True)  # noqa: FBT003
    try:
        seen = run_inside("import os; print(os.listdir('/proc/self/fd'))").stdout
    finally:
        os.close(leak)
    assert seen == b"['0', '1', '2', '3']\n"  # the last is the listing's own


def test_devices_are_the_harmless_ones() -> None:
    seen = run_inside("import os; print(sorted(os.listdir('/dev')))").stdout.decode()
    links = ["core", "fd", "stderr", "stdin", "stdout", "ptmx"]
    assert seen.strip() == str(sorted([*links, "full", "null", "pts", "random", "shm", "tty", "urandom", "zero"]))
    assert attempt("import os; os.mknod('/job/mem', 0o020666, os.makedev(1,1))").startswith(b"PermissionError")


def test_a_fork_bomb_is_held() -> None:
    code = """
import os, time
made = 0
try:
    while made < 500:
        if not os.fork():
            time.sleep(20)
        made += 1
except BlockingIOError:
    pass
print(made, flush=True)
"""
    ended = run_inside(code, limits=Limits(processes=40, wall_seconds=10))
    assert 20 < int(ended.stdout) <= 40


def test_a_memory_hog_is_ended_and_said() -> None:
    began = time.monotonic()
    limits = Limits(memory_bytes=200 * MIB, wall_seconds=20)
    ended = run_inside("x=[]\nwhile True: x.append(b'x'*(8<<20))", limits=limits)
    assert ended.out_of_memory and not ended.timed_out and ended.peak_bytes > 200 * MIB
    assert time.monotonic() - began < 10


def test_memory_shared_by_many_processes_is_counted_once() -> None:
    code = """
import os, time
held = b"x" * (100 << 20)
for _ in range(8):
    if not os.fork():
        time.sleep(0.5)
        os._exit(0)
for _ in range(8):
    os.wait()
"""
    ended = run_inside(code, limits=Limits(memory_bytes=400 * MIB))
    assert (ended.exit_code, ended.out_of_memory) == (0, False)


def test_memory_in_many_small_processes_is_counted_together() -> None:
    code = """
import os, time
for _ in range(6):
    if not os.fork():
        held = bytearray(os.urandom(1 << 20)) * 50
        time.sleep(20)
time.sleep(20)
"""
    assert run_inside(code, limits=Limits(memory_bytes=200 * MIB, wall_seconds=15)).out_of_memory


def test_a_disk_hog_is_held_in_every_folder() -> None:
    for folder in ("/job", "/tmp", "/dev/shm"):
        code = """
import sys
try:
    for number in range(40):
        with open(f"{sys.argv[1]}/{number}", "wb") as file:
            file.write(b"x" * (1 << 20))
except OSError as error:
    print(error.errno)
"""
        assert run_inside(code, folder, limits=Limits(work_bytes=8 * MIB)).stdout == b"28\n", folder


def test_a_flood_of_empty_files_is_ended() -> None:
    code = "i=0\nwhile True:\n  open('/job/%d'%i,'w').close(); i+=1"
    ended = run_inside(code, limits=Limits(wall_seconds=60))
    assert ended.out_of_memory and not ended.timed_out


def test_no_core_is_written_and_no_large_file_either() -> None:
    code = "import resource; print([resource.getrlimit(r)[1] for r in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)])"
    assert run_inside(code, limits=Limits(work_bytes=MIB)).stdout == b"[0, 1048576]\n"


def test_a_limit_cannot_be_raised_again() -> None:
    code = "import resource as r; r.setrlimit(r.RLIMIT_NPROC,(9999,9999))"
    assert attempt(code).startswith(b"ValueError")


def with_argument(marker: str) -> list[str]:
    """Return the processes of this machine that have ``marker`` among their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
    return found
