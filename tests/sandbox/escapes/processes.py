"""Attempts on the processes of this machine."""

import os
import pty
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.sandbox.escapes.table import LIBC, Attempt, Scene, Side, a_process, with_argument

WAITS = "import time,sys; print('up',flush=True); time.sleep(60)"
HOLDS = """
import ctypes,sys
held=ctypes.create_string_buffer(b'before')
sys.stdout.write('up\\n'); sys.stdout.flush()
sys.stdout.write('%d\\n' % ctypes.addressof(held)); sys.stdout.flush()
sys.stdin.readline(); sys.stdout.write(held.value.decode()+'\\n'); sys.stdout.flush(); sys.stdin.read()
"""


@contextmanager
def a_marked_process(side: Side) -> Iterator[Scene]:
    with a_process(WAITS, side.token):
        yield Scene((), side.says_token)


@contextmanager
def a_victim(side: Side) -> Iterator[Scene]:
    with a_process(WAITS, side.token) as process:

        def is_gone(said: bytes) -> bool:
            del said
            time.sleep(0.1)
            return process.poll() is not None

        yield Scene((str(process.pid),), is_gone)


@contextmanager
def a_keeper(side: Side) -> Iterator[Scene]:
    del side
    with a_process(HOLDS) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        address = process.stdout.readline().decode().strip()

        def was_written(said: bytes) -> bool:
            del said
            process.stdin.write(b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline() == b"after!\n"  # type: ignore[union-attr]

        yield Scene((str(process.pid), address), was_written)


@contextmanager
def another_view(side: Side) -> Iterator[Scene]:
    with a_process(WAITS, side.token) as process:
        yield Scene((str(process.pid), str(side.secret()), str(side.folder)), side.says_token)


@contextmanager
def a_daemon(side: Side) -> Iterator[Scene]:
    def survives(said: bytes) -> bool:
        del said
        time.sleep(0.3)
        return bool(with_argument(side.token))

    try:
        yield Scene((side.token,), survives)
    finally:
        for pid in with_argument(side.token):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)


@contextmanager
def a_terminal(side: Side) -> Iterator[Scene]:
    """Make a terminal the controlling one of a process that runs the attempt, so that there is one to be typed into."""
    del side
    ours, theirs = pty.openpty()
    os.set_inheritable(theirs, True)  # noqa: FBT003
    os.set_blocking(ours, False)
    os.set_blocking(theirs, False)
    try:

        def was_typed_into(said: bytes) -> bool:
            del said
            try:
                return bool(os.read(theirs, 9))
            except BlockingIOError:
                return False

        yield Scene((), was_typed_into)
    finally:
        os.close(ours)
        os.close(theirs)


def weak_view() -> tuple[str, ...]:
    """Return a weak wall: a mount namespace of its own, in which the folder is hidden, and every right kept."""
    return ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$8"; exec "$@"', "sh")


ATTEMPTS = (
    Attempt(
        "see the processes of this machine",
        """
import glob
for path in glob.glob('/proc/[0-9]*/cmdline'):
    try: print(open(path).read())
    except OSError: pass
""",
        a_marked_process,
    ),
    Attempt(
        "kill a process of this machine",
        """
import os,sys
for pid in (int(sys.argv[1]), os.getppid() if os.getppid() < 3 else 0):
    try: pid > 1 and os.kill(pid, 9)
    except OSError: pass
""",
        a_victim,
    ),
    Attempt(
        "write into a process by ptrace",
        LIBC
        + """
pid, address = int(sys.argv[1]), int(sys.argv[2])
c.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
assert c.ptrace(16, pid, None, None) == 0
os.waitpid(pid, 0)
c.ptrace(5, pid, address, int.from_bytes(b'after!\\0\\0', 'little'))
c.ptrace(17, pid, None, None)
""",
        a_keeper,
        control_needs_root=True,
    ),
    Attempt(
        "enter the namespaces of another process",
        LIBC
        + """
for pid in (sys.argv[1], '1'):
    for kind in ('user', 'mnt'):
        try: assert c.setns(os.open(f'/proc/{pid}/ns/{kind}', os.O_RDONLY), 0) == 0
        except (OSError, AssertionError): pass
print(open(sys.argv[2]).read())
""",
        another_view,
        control_needs_root=True,
        exposed_by=weak_view(),
    ),
    Attempt(
        "leave a daemon behind",
        """
import os,sys,time
if not os.fork():
    os.setsid()
    if not os.fork():
        for one in (0,1,2): os.close(one)
        time.sleep(20)
    os._exit(0)
os.wait()
""",
        a_daemon,
    ),
    Attempt(
        "type into the terminal",
        """
import fcntl
for number in range(0, 400):
    try: fcntl.ioctl(number, 0x5412, b'\\n')
    except OSError: pass
""",
        a_terminal,
        control_needs_root=True,
    ),
)
