"""The warden: a small process between us and every sandbox, which outlives us by just long enough to end them all.

It gives up root before anything else, starts ``bwrap`` when told to, and tells how it ended. The kernel can end a
process with its parent, but there are moments in the life of ``bwrap`` when its own child would stay behind, waiting
for ever; the warden adopts such children (it is their subreaper) and ends them. When we die, however we die, it sees
that at once (our pidfd), ends every sandbox, waits until nothing is left, and ends itself. When it dies, the kernel
ends its sandboxes.

Runs alone, by ``python -I -S warden_process.py UID PARENT``: the standard library only, everything imported before root
is given up, for afterwards our own files may be out of reach. Its input is a socket; each message carries file
descriptors: a line to answer on, a file with the order as JSON, then those of the job.

Source: docs/decisions/0022-warden-and-first-process.md.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import resource  # noqa: F401 wait4 would import it, when our files may be out of reach
import select
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clearinghouse.sandbox import control_groups
    from clearinghouse.sandbox import observer_process as observing
else:
    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120 last, for a file beside us is named like a library module
    import control_groups
    import observer_process as observing

PR_SET_CHILD_SUBREAPER = 36
MOST_DESCRIPTORS = 250
ABOVE = 300
"""Received descriptors are moved above this, clear of the numbers that a job wants them at."""
READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Warden:
    """Starts sandboxes and sees them end."""

    def __init__(self, hub: socket.socket, parent: int, groups: "control_groups.Groups | None") -> None:
        """Serve the process whose pidfd is ``parent`` over ``hub``; put its sandboxes into ``groups``, if any."""
        self._hub = hub
        self._groups = groups
        self._group: dict[int, str] = {}  # by the pid of the job
        self._parent = parent
        self._poll = select.poll()
        self._jobs: dict[int, tuple[int, socket.socket]] = {}  # pid → pidfd, line
        self._observers: dict[int, observing.Observer] = {}  # by the pid of the job
        self._said: dict[int, dict[str, object]] = {}  # by the pid of the job: what its observer has to say in the end
        self._poll.register(hub, READABLE)
        self._poll.register(parent, READABLE)

    def serve(self) -> None:
        """Work until the process we serve is gone."""
        while True:
            ready = dict(self._poll.poll())
            for pid, observer in tuple(self._observers.items()):
                self._observe(pid, observer, ready)
            for pid, (pidfd, line) in tuple(self._jobs.items()):
                if pidfd in ready:
                    self._ended(pid)
                elif line.fileno() in ready:  # nobody waits for it any more
                    os.kill(pid, signal.SIGKILL)
                    self._poll.unregister(line)
            if self._parent in ready or (self._hub.fileno() in ready and not self._order()):
                break
        for pid in tuple(self._jobs):
            os.kill(pid, signal.SIGKILL)
            self._ended(pid)

    def _order(self) -> bool:
        """Take one order; return False when there will be no more."""
        message, ancillary, _, _ = self._hub.recvmsg(
            16, socket.CMSG_SPACE(4 * MOST_DESCRIPTORS), socket.MSG_CMSG_CLOEXEC
        )
        received: list[int] = []
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                received += memoryview(data[: len(data) // 4 * 4]).cast("i").tolist()
        if not message:
            return False
        line, order, *theirs = [moved(descriptor) for descriptor in received]
        with os.fdopen(order, "rb") as file:
            self._start(socket.socket(fileno=line), json.loads(file.read()), theirs)
        return True

    def _start(self, line: socket.socket, said: observing.Order, theirs: list[int]) -> None:
        group = ""
        try:
            if self._groups and said.get("group"):
                group = self._groups.make(said["group"])
                said["argv"] = control_groups.joined(group, said["argv"])
            pid = self._start_observed(said, theirs) if said.get("observe") else spawned(said, theirs)
        except OSError as error:
            with contextlib.suppress(OSError):
                line.send(json.dumps({"failed": str(error)}).encode())
            line.close()
        else:
            pidfd = os.pidfd_open(pid)
            self._jobs[pid] = (pidfd, line)
            self._group[pid] = group
            self._poll.register(pidfd, READABLE)
            self._poll.register(line, READABLE)
            if said["tell"]:
                with contextlib.suppress(OSError):
                    line.send(json.dumps({"pid": pid}).encode())
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def _start_observed(self, said: observing.Order, theirs: list[int]) -> int:
        """Start a job under the observer's filter; what it is told goes over the last descriptor."""
        told = socket.socket(fileno=theirs.pop())
        ours, near = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        report = socket.socket(fileno=moved(near.detach()))
        pid = os.fork()
        if not pid:
            observing.start(said, theirs, report)  # never returns
        report.close()
        with ours:
            refused, listeners, _, _ = socket.recv_fds(ours, 1024, 1, socket.MSG_CMSG_CLOEXEC)
        if listeners:
            observer = observing.Observer(listeners[0], said["observe"], told)
            self._observers[pid] = observer
            self._poll.register(observer.listener, READABLE)
            self._poll.register(told, READABLE)
        else:
            told.close()
            self._said[pid] = {"why": refused.decode("utf-8", "replace") or "the job did not start"}
        return pid

    def _observe(self, pid: int, observer: observing.Observer, ready: dict[int, int]) -> None:
        """Serve one observer; one whose processes are all gone is let go."""
        if observer.told.fileno() in ready and not observer.go_on():
            self._poll.unregister(observer.told)
        event = ready.get(observer.listener, 0)
        if event & select.POLLIN:
            observer.look()
        elif event:
            self._forget(pid, observer)

    def _forget(self, pid: int, observer: observing.Observer) -> None:
        del self._observers[pid]
        self._said[pid] = observer.summary()
        for one in (observer.listener, observer.told):
            with contextlib.suppress(KeyError):
                self._poll.unregister(one)
        observer.close()

    def _ended(self, pid: int) -> None:
        """Reap ``pid``, end what it left to us, and tell what it used."""
        _, status, usage = os.wait4(pid, 0)
        pidfd, line = self._jobs.pop(pid)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        cpu = usage.ru_utime + usage.ru_stime + self._end_adopted()
        if pid in self._observers:
            self._forget(pid, self._observers[pid])
        group = self._group.pop(pid)
        killed = bool(self._groups and group and self._groups.end(group))
        said = {"status": status, "cpu": cpu, "observed": self._said.pop(pid, None), "out_of_memory": killed}
        with contextlib.suppress(OSError):
            line.send(json.dumps(said).encode())
        with contextlib.suppress(KeyError):
            self._poll.unregister(line)
        line.close()

    def _end_adopted(self) -> float:
        """End every child that we did not start: the process that did has died; return the CPU seconds they used."""
        cpu = 0.0
        while adopted := [pid for pid in children() if pid not in self._jobs]:
            for pid in adopted:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    usage = os.wait4(pid, 0)[2]
                    cpu += usage.ru_utime + usage.ru_stime
        return cpu


def spawned(said: observing.Order, theirs: list[int]) -> int:
    """Start a job that nobody observes."""
    return os.posix_spawn(
        said["argv"][0],
        said["argv"],
        {},
        file_actions=[(os.POSIX_SPAWN_DUP2, one, place) for one, place in zip(theirs, said["places"], strict=True)],
        setsid=True,  # Ctrl-C in a terminal must not look like a crash of the job
        setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT),
    )


def children() -> list[int]:
    """Return our children."""
    with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:  # noqa: PTH123 pathlib would be one more import
        return [int(pid) for pid in file.read().split()]


def moved(descriptor: int) -> int:
    """Return a copy of ``descriptor`` with a number out of the way; the original is closed."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, ABOVE)
    finally:
        os.close(descriptor)


def main() -> None:
    """Give up root, then serve."""
    uid, parent = int(sys.argv[1]), int(sys.argv[2])
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    hub = socket.socket(fileno=os.dup(0))
    served = os.pidfd_open(parent)
    groups, why = control_groups.delegated(uid)
    if os.geteuid() != uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.umask(0o022)
    os.chdir("/")
    if os.getppid() == parent:
        hub.send(f"ready {why}".encode())
        Warden(hub, served, groups).serve()


if __name__ == "__main__":
    main()
