"""Attempts on what this machine keeps: its files, its descriptors, its environment, its name."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.sandbox.escapes.table import Attempt, Scene, Side

READ = """
import sys
for path in sys.argv[1:]:
    try: print(open(path).read())
    except OSError: pass
"""


@contextmanager
def shadow(side: Side) -> Iterator[Scene]:
    del side
    first = Path("/etc/shadow").read_bytes().splitlines()[0] if os.access("/etc/shadow", os.R_OK) else b"\0"
    yield Scene(("/etc/shadow",), lambda said: first in said)


@contextmanager
def host_secret(side: Side) -> Iterator[Scene]:
    yield Scene((str(side.secret()),), side.says_token)


@contextmanager
def through_first_process(side: Side) -> Iterator[Scene]:
    yield Scene((f"/proc/1/root{side.secret()}", f"/proc/{os.getpid()}/root{side.secret()}"), side.says_token)


@contextmanager
def up_from_the_root(side: Side) -> Iterator[Scene]:
    yield Scene((f"{Path('/proc/self', 'root', '..', '..')}{side.secret()}",), side.says_token)


@contextmanager
def system_folder(side: Side) -> Iterator[Scene]:
    path = Path("/usr", f"clearinghouse-{side.token}")
    try:
        yield Scene((str(path),), lambda _: path.exists())
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


@contextmanager
def left_open(side: Side) -> Iterator[Scene]:
    descriptor = os.open(side.secret(), os.O_RDONLY)
    os.set_inheritable(descriptor, True)  # noqa: FBT003
    try:
        yield Scene((), side.says_token)
    finally:
        os.close(descriptor)


@contextmanager
def environment(side: Side) -> Iterator[Scene]:
    os.environ["CLEARINGHOUSE_TEST_SECRET"] = side.token  # noqa: TID251
    try:
        yield Scene((), side.says_token)
    finally:
        del os.environ["CLEARINGHOUSE_TEST_SECRET"]  # noqa: TID251


@contextmanager
def host_name(side: Side) -> Iterator[Scene]:
    del side
    name = socket.gethostname().encode()
    yield Scene((), lambda said: name in said.split())


ATTEMPTS = (
    Attempt("read /etc/shadow", READ, shadow, control_needs_root=True),
    Attempt("read a file of this machine", READ, host_secret),
    Attempt("read it through /proc/1/root", READ, through_first_process, control_needs_root=True),
    Attempt("read it upwards from its own root, as /proc shows it", READ, up_from_the_root),
    Attempt("write below /usr", "import sys; open(sys.argv[1],'w').write('x')", system_folder, control_needs_root=True),
    Attempt(
        "read a descriptor that was left open",
        """
import os
for number in range(3, 400):
    try: print(os.pread(number, 999, 0))
    except OSError: pass
""",
        left_open,
    ),
    Attempt(
        "read the environment",
        """
import glob
for path in glob.glob('/proc/[0-9]*/environ'):
    try: print(open(path).read())
    except OSError: pass
""",
        environment,
    ),
    Attempt("ask for the name of this machine", "import os; print(os.uname().nodename)", host_name),
)
