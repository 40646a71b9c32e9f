"""Attempts to take more of this machine than a job may."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clearinghouse.sandbox.profile import MIB, Limits
from tests.sandbox.escapes.table import Attempt, Highest, Scene, Side, with_argument

FORKS = 400
HELD = 60
"""More than a job with forty processes has, with those that stand for it on this machine, while it is held."""


@contextmanager
def many(side: Side) -> Iterator[Scene]:
    def look() -> int:
        return len(with_argument(side.token))

    try:
        with Highest(look) as highest:
            yield Scene(
                (side.token, str(FORKS)), lambda said: said.strip() == str(FORKS).encode() or highest.seen > FORKS
            )
    finally:
        for pid in with_argument(side.token):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)


@contextmanager
def all_of_it(side: Side) -> Iterator[Scene]:
    yield Scene((str(side.folder), str(2048 * MIB)), lambda said: said.strip() == b"took it")


@contextmanager
def a_gibibyte(side: Side) -> Iterator[Scene]:
    yield Scene((str(side.folder), str(1024 * MIB)), lambda said: said.strip() == b"took it")


ATTEMPTS = (
    Attempt(
        "be too many",
        """
import os,sys,time
made = 0
while made < int(sys.argv[2]):
    if not os.fork(): time.sleep(6); os._exit(0)
    made += 1
print(made)
""",
        many,
        limits=Limits(processes=40, wall_seconds=60),
    ),
    Attempt(
        "take 2 GiB of memory",
        """
import mmap,sys
held = mmap.mmap(-1, int(sys.argv[2]))
for at in range(0, len(held), 4096): held[at] = 1
print('took it')
""",
        all_of_it,
        limits=Limits(memory_bytes=256 * MIB, wall_seconds=60),
    ),
    Attempt(
        "take 1 GiB of disk",
        """
import os,sys
for folder in (sys.argv[1], '/job', '/tmp', '/dev/shm'):
    path = folder + '/clearinghouse-large'
    try:
        with open(path, 'wb') as file:
            os.posix_fallocate(file.fileno(), 0, int(sys.argv[2]))
            if os.fstat(file.fileno()).st_blocks * 512 >= int(sys.argv[2]): print('took it'); break
    except OSError: pass
    finally:
        try: os.unlink(path)
        except OSError: pass
""",
        a_gibibyte,
        limits=Limits(wall_seconds=60),
    ),
)
