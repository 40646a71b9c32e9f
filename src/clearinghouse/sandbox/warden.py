"""Our side of the warden, the process that starts sandboxes and lets none outlive us."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final
from weakref import finalize

from clearinghouse.errors import Unavailable

PROGRAM: Final = Path(__file__).with_name("warden_process.py")
READY_SECONDS: Final = 30.0
ANSWER_BYTES: Final = 4096
NEEDED: Final = frozenset({"LD_LIBRARY_PATH"})
"""All that is handed on of our environment: where our interpreter may find its library."""


class Warden:
    """Starts one warden for each of our processes, when the first sandbox is wanted, and again if it was ended."""

    def __init__(self, *, uid: int) -> None:
        """Let sandboxes be started by user ``uid``."""
        self._uid = uid
        self._guard = Lock()
        self._serves = 0
        self._hub: socket.socket | None = None
        self.without_groups = "nothing was started yet"
        """Why sandboxes are in no control group; empty when they are."""

    def start(
        self,
        argv: Sequence[str],
        descriptors: Mapping[int, int],
        *,
        tell: bool = False,
        observe: Mapping[str, Any] | None = None,
        told: int = -1,
        group: Mapping[str, str] | None = None,
    ) -> socket.socket:
        """Start ``argv`` with an empty environment; return the line on which its end will be told.

        Closing the line ends the process.

        Args:
            argv: the program by its path, and its arguments.
            descriptors: by the number that the program finds it at, our descriptor; ours stays open.
            tell: whether the line shall first tell the number of the process (see ``started``).
            observe: what an observer is to look at, as ``observing.order`` makes it; None: nothing.
            told: the socket over which it tells; ours stays open.
            group: limits of a control group of its own, where the machine gave us some: file → what to write.

        Raises:
            Unavailable: the warden cannot be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, os.fdopen(os.memfd_create("order"), "w+b") as order:
            said = {"argv": list(argv), "places": list(descriptors), "tell": tell, "observe": observe}
            said["group"] = dict(group or {})
            order.write(json.dumps(said).encode())
            order.flush()
            order.seek(0)
            sent = [theirs.fileno(), order.fileno(), *descriptors.values(), *([told] if observe else [])]
            try:
                self._send(sent)
            except OSError:  # it was ended by somebody; the next serves as well
                self.close()
                try:
                    self._send(sent)
                except OSError as error:
                    ours.close()
                    raise Unavailable(f"the process that starts sandboxes does not answer: {error}") from None
        return ours

    def _send(self, descriptors: Sequence[int]) -> None:
        socket.send_fds(self._ready_hub(), [b"start"], list(descriptors))

    def close(self) -> None:
        """Let the warden end, and with it what it started; the next start begins another."""
        with self._guard:
            self._serves = 0
            if self._hub is not None:
                self._hub.close()
                self._hub = None

    def _ready_hub(self) -> socket.socket:
        with self._guard:
            if self._hub is None or self._serves != os.getpid():  # after a fork the other one's is not ours
                self._hub = self._begin()
                self._serves = os.getpid()
                finalize(self, self._hub.close)
            return self._hub

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # It gives up root itself: by then our interpreter, perhaps in a closed home folder, must have been read.
            process = subprocess.Popen(
                (sys.executable, "-I", "-S", str(PROGRAM), str(self._uid), str(os.getpid())),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name in NEEDED},  # noqa: TID251
                cwd="/",
                start_new_session=True,
            )
        process.returncode = 0  # never waited for: it ends after us, or with the last word of its socket
        ours.settimeout(READY_SECONDS)
        try:
            said = ours.recv(ANSWER_BYTES)
        except TimeoutError:
            said = b""
        ready, _, why = said.decode("utf-8", "replace").partition(" ")
        if ready != "ready":
            ours.close()
            raise Unavailable("the process that starts sandboxes did not come up")
        self.without_groups = why
        return ours


def told(line: socket.socket) -> dict[str, Any]:
    """Return what the warden says of a process that ended: ``status`` and ``cpu`` seconds, or that it ``failed``.

    Raises:
        Unavailable: the warden was ended.
    """
    said = line.recv(ANSWER_BYTES)
    if not said:
        raise Unavailable("the process that starts sandboxes was ended by somebody, and its sandboxes with it")
    answer: dict[str, Any] = json.loads(said)
    return answer


def started(line: socket.socket) -> int:
    """Return the number of the process that was started, of which the warden was asked to tell.

    Raises:
        Unavailable: it could not be started, or the warden was ended.
    """
    said = told(line)
    if "pid" not in said:
        raise Unavailable(f"the sandbox could not be started: {said.get('failed', said)}")
    return int(said["pid"])
