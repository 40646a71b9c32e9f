"""The observer: sees system calls of a sandbox from outside it, by seccomp's user notification.

A filter of ours, put on before ``bwrap`` starts, stops a process at each call of interest until we answer. We read what
the call was given from the memory of the process, tell of it when it concerns us, and always answer "go on": what may
be done is decided by the sandbox's own filter alone. So what a process changes behind our back between our look and
the kernel's can mislead us, never free it.

Lives in the warden (``warden_process.py``) and is loaded beside it: the standard library only.

Source: docs/decisions/0065-observer-by-user-notification.md; seccomp_unotify(2).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # the real one would cost the warden an import
    from typing import Any

    Order = dict[str, Any]
    Seen = tuple[str, str, str]
else:
    Order = dict

PR_SET_NO_NEW_PRIVS = 38
SET_MODE_FILTER = 1
NEW_LISTENER = 1 << 3
WAIT_KILLABLE = 1 << 5
"""A call that we look at is interrupted by a deadly signal alone (Linux 5.19)."""
RECEIVE, SEND, SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
NOTICE = struct.Struct("=QIIiIQ6Q")
"""id, pid, flags, then the call: number, architecture, instruction, six arguments."""
ANSWER = struct.Struct("=QqiI")
GO_ON = 1
SYNC_WAKE_UP = 1

LOW = 0xFFFFFFFF
AT_FDCWD = LOW + 1 - 100
PAGE = 4096
LONGEST_PATH = 4096
MOST_ARGUMENTS = 256
MOST_TEXT = 256 * 1024
TOLD_TEXT = 4096
MOST_LINKS = 40
MOST_TOLD = 100
"""So many calls of one job are told; of more it is only said that there were more."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
WRITABLE = ("/job", "/tmp", "/dev/shm", "/dev/fd", "/dev/std", "/proc")  # noqa: S108 folders inside
"""A path that leads into the zone begins here: links elsewhere were made before there was a zone."""

MAGIC = frozenset({"cwd", "fd", "root"})
"""Names in ``/proc`` that lead elsewhere without being a path."""

OPENS = frozenset({"open", "openat", "openat2"})
CHANGES = {
    "creat": ((None, 0),),
    "truncate": ((None, 0),),
    "mkdir": ((None, 0),),
    "mkdirat": ((0, 1),),
    "mknod": ((None, 0),),
    "mknodat": ((0, 1),),
    "rmdir": ((None, 0),),
    "unlink": ((None, 0),),
    "unlinkat": ((0, 1),),
    "rename": ((None, 0), (None, 1)),
    "renameat": ((0, 1), (2, 3)),
    "renameat2": ((0, 1), (2, 3)),
    "symlink": ((None, 1),),
    "symlinkat": ((1, 2),),
    "link": ((None, 1),),
    "linkat": ((2, 3),),
    "chmod": ((None, 0),),
    "fchmodat": ((0, 1),),
    "fchmodat2": ((0, 1),),
    "chown": ((None, 0),),
    "lchown": ((None, 0),),
    "fchownat": ((0, 1),),
    "utime": ((None, 0),),
    "utimes": ((None, 0),),
    "utimensat": ((0, 1),),
    "futimesat": ((0, 1),),
}
"""Call → its paths: the argument that is the folder they start from (None: the working directory), and the path."""

_libc = ctypes.CDLL(None, use_errno=True)


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


_buffer = ctypes.create_string_buffer(PAGE)
_here = _Piece(ctypes.addressof(_buffer), PAGE)
_there = _Piece(0, 0)
_read = _libc.process_vm_readv
_read.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
_read.restype = ctypes.c_ssize_t
_HERE, _THERE = ctypes.addressof(_here), ctypes.addressof(_there)


def install(program: bytes, seccomp: int) -> int:
    """Put the filter on this process and return the listener.

    Args:
        program: the filter, as BPF instructions.
        seccomp: the number of that system call on this machine.

    Raises:
        OSError: the kernel does not know it, or somebody else listens already.
    """
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs is refused")
    code = ctypes.create_string_buffer(program, len(program))
    filtered = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    for flags in (NEW_LISTENER | WAIT_KILLABLE, NEW_LISTENER):
        listener = _libc.syscall(seccomp, SET_MODE_FILTER, flags, ctypes.c_char_p(filtered))
        if listener >= 0:
            return int(listener)
    error = ctypes.get_errno()
    raise OSError(error, os.strerror(error))


class Blind(Exception):
    """What a call was given cannot be read, or its path cannot be followed."""


class Observer:
    """Looks at the calls of one job."""

    def __init__(self, listener: int, order: Order, told: socket.socket) -> None:
        """Look at what comes from ``listener`` and tell over ``told``, as the order of the job says."""
        self.listener = listener
        self.told = told
        self.looked = self.blind = self.left_out = 0
        self._names = {int(number): name for number, name in order["names"].items()}
        self._needle = order["needle"].encode()
        self._folder = order["folder"]
        self._waiting: list[int] = []
        self._notice = bytearray(NOTICE.size)
        self._number = 0
        with contextlib.suppress(OSError):  # from Linux 6.6 on, and only quicker
            fcntl.ioctl(listener, SET_FLAGS, SYNC_WAKE_UP)

    def look(self) -> None:
        """Take one call, tell of it if it concerns us, else let it go on at once."""
        self._notice[:] = bytes(NOTICE.size)
        try:
            fcntl.ioctl(self.listener, RECEIVE, self._notice)
        except OSError:  # it has died meanwhile
            return
        number, pid, _, call, _, _, *arguments = NOTICE.unpack(self._notice)
        self.looked += 1
        name = self._names.get(call, "")
        try:
            # The very first program is ours, started by a process that nobody may look into.
            seen = None if self.looked == 1 and name == "execve" else self._seen(pid, name, arguments)
        except Exception:  # noqa: BLE001 whatever is wrong with one call, the warden must live
            self.blind += 1
            seen = None
        if seen is None or not self._tell(number, seen):
            self._answer(number)

    def go_on(self) -> bool:
        """Let the call go on that was told first, now that we were heard; return False when nobody hears us."""
        try:
            heard = self.told.recv(1)
        except OSError:
            heard = b""
        for number in self._waiting[: 1 if heard else None]:
            self._answer(number)
        del self._waiting[: 1 if heard else None]
        return bool(heard)

    def close(self) -> None:
        """End looking; the processes, if any are left, are about to be ended."""
        os.close(self.listener)
        self.told.close()

    def summary(self) -> dict[str, object]:
        """Return how many calls were looked at, how many could not be read, and how many were left out."""
        return {"looked": self.looked, "blind": self.blind, "left_out": self.left_out}

    def _answer(self, number: int) -> None:
        with contextlib.suppress(OSError):  # it has died meanwhile
            fcntl.ioctl(self.listener, SEND, ANSWER.pack(number, 0, 0, GO_ON))

    def _tell(self, number: int, seen: "Seen") -> bool:
        """Tell of a call and keep it waiting until we were heard; return False when it need not wait."""
        if self._number >= MOST_TOLD:
            self.left_out += 1
            return False
        self._number += 1
        kind, name, text = seen
        message = {"kind": kind, "name": name, "text": text[:TOLD_TEXT]}
        try:
            self.told.send(json.dumps(message).encode())
        except OSError:
            self.left_out += 1
            return False
        self._waiting.append(number)
        return True

    def _seen(self, pid: int, name: str, arguments: list[int]) -> "Seen | None":
        """Return kind, name and text of a call that concerns us."""
        if name == "execve":
            return self._started(pid, arguments)
        if name in ("connect", "sendto"):
            return self._sent(pid, name, arguments)
        if name in OPENS:
            return self._opened(pid, name, arguments)
        for folder, place in CHANGES[name]:
            found = self._in_folder(pid, AT_FDCWD if folder is None else arguments[folder], arguments[place])
            if found:
                return "write", name, found
        return None

    def _started(self, pid: int, arguments: list[int]) -> "Seen | None":
        words = [text_at(pid, arguments[0])]
        room = MOST_TEXT
        table = arguments[1]
        for index in range(MOST_ARGUMENTS if table else 0):
            (address,) = struct.unpack("P", bytes_at(pid, table + 8 * index, 8))
            if not address or room <= 0:
                break
            words.append(text_at(pid, address, most=room))
            room -= len(words[-1])
        text = b"\0".join(words)
        at = text.find(self._needle)
        if at < 0:
            return None
        begin = max(0, at - TOLD_TEXT // 2)
        return "exec", "execve", text[begin : begin + TOLD_TEXT].replace(b"\0", b" ").decode("utf-8", "replace")

    def _sent(self, pid: int, name: str, arguments: list[int]) -> "Seen | None":
        data = bytes_at(pid, arguments[1], min(arguments[2] & LOW, PAGE))
        if self._needle not in data.lower():
            return None
        return "connect", name, data.decode("utf-8", "replace")

    def _opened(self, pid: int, name: str, arguments: list[int]) -> "Seen | None":
        folder, path, flags = (AT_FDCWD, *arguments[:2]) if name == "open" else arguments[:3]
        if name == "openat2":
            (flags,) = struct.unpack("Q", bytes_at(pid, flags, 8))
        found = self._in_folder(pid, folder, path)
        return ("write" if flags & WRITES else "read", name, found) if found else None

    def _in_folder(self, pid: int, folder: int, address: int) -> str:
        """Return the path at ``address``, with every link followed, when it lies in the folder we look at.

        A relative path begins at the descriptor ``folder``.
        """
        path = os.fsdecode(text_at(pid, address, most=LONGEST_PATH))
        if not path.startswith("/"):
            from_here = folder & LOW == AT_FDCWD
            start = f"/proc/{pid}/cwd" if from_here else f"/proc/{pid}/fd/{folder & LOW}"
            path = f"{os.readlink(start)}/{path}"  # noqa: PTH115 pathlib would be one more import
        if not path.startswith(WRITABLE) and "/../" not in path:
            return ""
        found = followed(pid, path)
        return found if f"{found}/".startswith(f"{self._folder}/") else ""


def bytes_at(pid: int, address: int, length: int) -> bytes:
    """Return memory of a process.

    Raises:
        Blind: it cannot be read.
    """
    found = b""
    while length > 0:
        size = min(length, PAGE - address % PAGE)
        _there.base, _there.length, _here.length = address, size, size
        if _read(pid, _HERE, 1, _THERE, 1, 0) != size:
            raise Blind
        found += _buffer.raw[:size]
        address, length = address + size, length - size
    return found


def text_at(pid: int, address: int, *, most: int = MOST_TEXT) -> bytes:
    """Return the text, up to its zero byte, in the memory of a process.

    Raises:
        Blind: it cannot be read.
    """
    found = b""
    while len(found) < most:
        size = min(PAGE - address % PAGE, 256 if not found else PAGE)
        _there.base, _there.length, _here.length = address, size, size
        if _read(pid, _HERE, 1, _THERE, 1, 0) != size:
            raise Blind
        part = _buffer.raw[:size]
        end = part.find(b"\0")
        if end >= 0:
            return found + part[:end]
        found += part
        address += size
    return found[:most]


def followed(pid: int, path: str) -> str:
    """Return an absolute path as a process sees it, every link resolved; what is not there stays.

    Raises:
        Blind: it has too many links, or one of those in ``/proc`` that are no paths.
    """
    waiting = path.split("/")[::-1]
    done = ""
    links = 0
    while waiting:
        part = waiting.pop()
        if part in ("", "."):
            continue
        if part == "..":
            done = done.rpartition("/")[0]
            continue
        if done == "/proc" and not MAGIC.isdisjoint(waiting):
            raise Blind
        try:
            link = os.readlink(f"/proc/{pid}/root{done}/{part}")  # noqa: PTH115 as above
        except OSError:
            done = f"{done}/{part}"
            continue
        links += 1
        if links > MOST_LINKS:
            raise Blind
        if link.startswith("/"):
            done = ""
        waiting += link.split("/")[::-1]
    return done or "/"


def start(order: Order, descriptors: list[int], report: socket.socket) -> None:
    """Become the job's first program, under our filter where it can be put on; never returns.

    Runs in a fork of the warden. What happened to the filter is told over ``report``, with the listener.
    """
    try:
        os.setsid()  # Ctrl-C in a terminal must not look like a crash of the job
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for one, place in zip(descriptors, order["places"], strict=True):
            os.dup2(one, place)
        try:
            listener = install(bytes.fromhex(order["observe"]["filter"]), order["observe"]["seccomp"])
        except OSError as refusal:
            report.send(str(refusal).encode())
        else:
            socket.send_fds(report, [b""], [listener])
            os.close(listener)  # else, were the warden to die now, we would wait for ourselves for ever
        os.execve(order["argv"][0], order["argv"], {})  # noqa: S606 no shell
    except BaseException as error:  # noqa: BLE001 nothing of the warden may go on in this process
        os.write(2, str(error).encode())
    finally:
        os._exit(127)
