"""Attempts on the kernel of this machine: by its calls, its settings, its log."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.sandbox.escapes.table import LIBC, Attempt, Highest, Scene, Side, by_word, with_argument

DESCRIPTOR = """
if made >= 0: print('made', sys.argv[1], os.readlink(f'/proc/self/fd/{made}'))
"""
"""A descriptor that only the host's kernel gives: its kind tells where it comes from."""


def of_kind(kind: str) -> Callable[[Side], AbstractContextManager[Scene]]:
    @contextmanager
    def scene(side: Side) -> Iterator[Scene]:
        yield Scene((side.token,), lambda said: side.token.encode() in said and kind.encode() in said)

    return scene


@contextmanager
def a_namespace(side: Side) -> Iterator[Scene]:
    """See from outside in how many user namespaces the attempt's processes are: one, unless it made another."""

    def look() -> int:
        seen = set()
        for pid in with_argument(side.token):
            with suppress(OSError):
                if "python" in Path(f"/proc/{pid}/exe").readlink().name or is_stub(pid):
                    seen.add(os.readlink(f"/proc/{pid}/ns/user"))  # noqa: PTH115
        return len(seen)

    with Highest(look) as highest:
        yield Scene((side.token,), lambda _: highest.seen > 1)


def is_stub(pid: int) -> bool:
    """Say whether the process is one of runsc's own."""
    return b"runsc" in Path(f"/proc/{pid}/cmdline").read_bytes()


def kept(path: str, value: str) -> Callable[[Side], AbstractContextManager[Scene]]:
    """Return the scene in which a setting of this machine is put back afterwards."""

    @contextmanager
    def scene(side: Side) -> Iterator[Scene]:
        setting = Path(path)
        before = setting.read_text() if setting.exists() else None
        wanted = value.replace("TOKEN", side.token)
        try:
            yield Scene((path, wanted), lambda _: setting.exists() and wanted in setting.read_text())
        finally:
            if before is not None and setting.read_text() != before:
                setting.write_text(before if before.strip() else "\n")

    return scene


def log() -> bytes:
    """Return what the kernel's log holds now."""
    found = b""
    with suppress(OSError):
        descriptor = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as file, suppress(BlockingIOError):
            while line := file.read(8192):
                found += line
    return found


@contextmanager
def a_line_in_the_log(side: Side) -> Iterator[Scene]:
    yield Scene((side.token,), lambda _: side.token.encode() in log())


@contextmanager
def a_key_in_the_log(side: Side) -> Iterator[Scene]:
    del side
    before = log().count(b"sysrq: HELP")
    yield Scene((), lambda _: log().count(b"sysrq: HELP") > before)


@contextmanager
def told_to_the_log(side: Side) -> Iterator[Scene]:
    with suppress(OSError):
        Path("/dev/kmsg").write_text(f"clearinghouse test {side.token}\n")
    yield Scene((), side.says_token)


WRITE = "import sys; open(sys.argv[1],'w').write(sys.argv[2])"

ATTEMPTS = (
    Attempt(
        "mount something",
        LIBC
        + """
c.unshare(0x00020000)
os.mkdir('/tmp/' + sys.argv[1])
c.mount(b'none', ('/tmp/' + sys.argv[1]).encode(), b'tmpfs', 0, None)
seen = [line.split()[4] for line in open('/proc/self/mountinfo')]
os.path.ismount('/tmp/' + sys.argv[1]) and print('made', sys.argv[1])
c.umount2(('/tmp/' + sys.argv[1]).encode(), 2); os.rmdir('/tmp/' + sys.argv[1])
""",
        by_word,
        control_needs_root=True,
    ),
    Attempt(
        "make a user namespace",
        LIBC + "time.sleep(.3)\nif not os.fork():\n    c.unshare(0x10000000); time.sleep(.8); os._exit(0)\nos.wait()",
        a_namespace,
    ),
    Attempt(
        "keep a key in the kernel",
        LIBC
        + """
c.syscall.restype = ctypes.c_long
made = c.syscall(248, b'user', sys.argv[1].encode(), b'made ' + sys.argv[1].encode(), 36, -3)
held = ctypes.create_string_buffer(99)
if made > 0 and c.syscall(250, 11, made, held, 99) > 0: print(held.value.decode())
""",
        by_word,
    ),
    Attempt(
        "make a BPF map",
        LIBC + "made = c.syscall(321, 0, (ctypes.c_uint32 * 32)(2, 4, 4, 1), 128)" + DESCRIPTOR,
        of_kind("bpf-map"),
        control_needs_root=True,
    ),
    Attempt(
        "make a ring", LIBC + "made = c.syscall(425, 4, (ctypes.c_uint8 * 120)())" + DESCRIPTOR, of_kind("io_uring")
    ),
    Attempt(
        "handle page faults",
        LIBC + "made = c.syscall(323, 0o2000000)" + DESCRIPTOR,
        of_kind("userfaultfd"),
        control_needs_root=True,
    ),
    Attempt(
        "count events of the processor",
        LIBC + "made = c.syscall(298, (ctypes.c_uint32 * 32)(1, 128), 0, -1, -1, 0)" + DESCRIPTOR,
        of_kind("perf_event"),
        control_needs_root=True,
    ),
    Attempt(
        "make a device",
        """
import os,sys
os.mknod('/tmp/' + sys.argv[1], 0o020666, os.makedev(1, 11))
try:
    with open('/tmp/' + sys.argv[1], 'w') as file: file.write('clearinghouse test ' + sys.argv[1] + '\\n')
finally: os.unlink('/tmp/' + sys.argv[1])
""",
        a_line_in_the_log,
        control_needs_root=True,
    ),
    Attempt(
        "write into the kernel's log",
        "import sys; open('/dev/kmsg','w').write('clearinghouse test ' + sys.argv[1] + '\\n')",
        a_line_in_the_log,
        control_needs_root=True,
    ),
    Attempt(
        "choose what runs at a crash",
        WRITE,
        kept("/proc/sys/kernel/core_pattern", "core-TOKEN"),
        control_needs_root=True,
    ),
    Attempt(
        "press a key of the kernel",
        "open('/proc/sysrq-trigger','w').write('h')",
        a_key_in_the_log,
        control_needs_root=True,
    ),
    Attempt(
        "choose what runs when a cgroup is empty",
        WRITE,
        kept("/sys/fs/cgroup/systemd/release_agent", "/nowhere/TOKEN"),
        control_needs_root=True,
    ),
    Attempt(
        "read the kernel's log",
        LIBC + "b = ctypes.create_string_buffer(1 << 20)\nn = c.klogctl(3, b, 1 << 20)\nprint(b.raw[:max(n, 0)])",
        told_to_the_log,
        control_needs_root=True,
    ),
)
