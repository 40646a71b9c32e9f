"""Our side of the observer: what it is to look at, and what it tells while a job runs.

The observer itself runs in the warden: ``observer_process.py`` says how it sees, and what that is worth.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox.profile import Call, Kind, Observed, Watching
from clearinghouse.sandbox.streams import Outflow

MESSAGE_BYTES: Final = 64 * 1024
UNTOLD: Final = Observed(why="the job ended before its observer could say anything")

CHANGING: Final = (
    "creat truncate mkdir mkdirat mknod mknodat rmdir unlink unlinkat rename renameat renameat2 symlink symlinkat "
    "link linkat chmod fchmodat fchmodat2 chown lchown fchownat utime utimes utimensat futimesat"
)
CALLS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.EXEC: ("execve",),
        Kind.READS: ("open", "openat", "openat2"),
        Kind.WRITES: ("open", "openat", "openat2", *CHANGING.split()),
        Kind.NETWORK: ("connect", "sendto"),
    }
)
"""The calls of each kind; what a runtime does all the time without naming anything (``stat``, ``read``) is not here."""

FLAGS: Final[Mapping[str, int]] = MappingProxyType({"open": 1, "openat": 2})
"""Call → the argument with the flags, which say whether to read or to write; ``openat2`` keeps them in memory."""
NO_CONTENT: Final = os.O_DIRECTORY | os.O_PATH
"""Opening a folder to list it, or a place only to name it, is not looked at."""
WRITING: Final = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)


@cache
def program(kinds: frozenset[Kind]) -> tuple[bytes, Mapping[int, str], int]:
    """Return the filter that stops at the calls of ``kinds``, their names by number, and the number of ``seccomp``.

    Raises:
        Unavailable: libseccomp is not installed, or older than 2.5.
    """
    try:
        import pyseccomp  # type: ignore[import-untyped]

        filtered = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        filtered.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.ALLOW)
        names: dict[int, str] = {}
        for kind, name in ((one, name) for one in sorted(kinds) for name in CALLS[one]):
            number = int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))
            if number < 0:  # this architecture has no such call
                continue
            names[number] = name
            for compared in _compared(kind, name):
                tests = [pyseccomp.Arg(place, pyseccomp.MASKED_EQ, mask, value) for place, mask, value in compared]
                filtered.add_rule(pyseccomp.NOTIFY, number, *tests)
        descriptor = os.memfd_create("observer")
        with os.fdopen(descriptor, "w+b") as file:
            filtered.export_bpf(file)
            file.seek(0)
            return file.read(), names, int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "seccomp"))
    except (ImportError, RuntimeError, OSError, ValueError) as error:
        raise Unavailable(f"libseccomp cannot make the observer's filter ({error})") from None


def _compared(kind: Kind, name: str) -> Iterator[tuple[tuple[int, int, int], ...]]:
    """Yield the conditions, of which one must hold, on the arguments of a call: position, mask and value."""
    place = FLAGS.get(name)
    if place is None:
        yield ()
    elif kind is Kind.READS:
        yield ((place, NO_CONTENT | os.O_ACCMODE, 0),)
    else:
        yield from (((place, one, one),) for one in WRITING)


def order(watching: Watching) -> dict[str, Any]:
    """Return what the observer in the warden is told to look at.

    Raises:
        Unavailable: its filter cannot be made here.
    """
    code, names, seccomp = program(watching.kinds)
    return {
        "filter": code.hex(),
        "names": {str(number): name for number, name in names.items()},
        "seccomp": seccomp,
        "needle": watching.needle,
        "folder": watching.folder,
    }


class Sightings:
    """What the observer tells while the job runs; each call waits until we have taken it in.

    So everything the job had reported before the call lies in its records by then, and nothing that it did after.
    """

    def __init__(self, line: socket.socket, records: Outflow | None) -> None:
        """Take ``line`` over and listen on it; the place in ``records`` is noted with each call."""
        self.descriptor = line.detach()
        self._records = records
        self._calls: list[Call] = []
        os.set_blocking(self.descriptor, False)

    def move(self) -> bool:
        """Take in one call and let it go on; return False when no more will come."""
        try:
            said = os.read(self.descriptor, MESSAGE_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            said = b""
        if not said:
            return False
        call = json.loads(said)
        after = self._records.length_now() if self._records else 0
        self._calls.append(Call(str(call["kind"]), str(call["name"]), str(call["text"]), after))
        with suppress(OSError):  # the job was ended meanwhile
            os.write(self.descriptor, b"1")
        return True

    def observed(self, said: Mapping[str, Any] | None) -> Observed:
        """Return all that was seen, given what the warden says of it in the end."""
        if said is None:
            return UNTOLD
        if said.get("why"):
            return Observed(why=str(said["why"]))
        return Observed(
            calls=tuple(self._calls),
            looked=int(said["looked"]),
            blind=int(said["blind"]),
            left_out=int(said["left_out"]),
        )
