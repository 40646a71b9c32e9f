"""The bubblewrap tier: user, process, network, IPC, host name and cgroup namespaces, seccomp, limits, no privileges.

How a job is started, so that nothing of it can outlive us:

1. As root we drop to an unprivileged user in no group before ``bwrap`` starts; as anybody else it starts as it is.
2. The first process inside is a small shell. It says ``up``, which it can only do after ``bwrap`` has tied both its
   processes to their parents' lives, and then waits for a line from us. Had we died before, it would read the end of
   its input and end; did we die later, the kernel would end it. So there is no moment at which a job could be orphaned.
3. We send the line, and from then on only read, write, count and wait.
4. It ends with everything else inside, because it is the first process of its own process namespace.

Source: docs/decisions/0020-bubblewrap-first.md, 0022-one-shell-as-first-process.md; ``../notes/security.md`` S1.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.sandbox import seccomp
from clearinghouse.sandbox.collector import collected
from clearinghouse.sandbox.profile import MIB, Ended, Job, Limits
from clearinghouse.sandbox.staging import Stage
from clearinghouse.sandbox.streams import Inflow, Outflow, Pump
from clearinghouse.sandbox.watch import Watch

KIB: Final = 1024
SANDBOX_UID: Final = 61999
"""The user as which root starts sandboxes: in no passwd file, in no group, owner of nothing."""

INSIDE_ID: Final = 1000
START_SECONDS: Final = 30.0
"""How long setting up may take on a busy machine; a job's own limit starts afterwards."""
TICK_SECONDS: Final = 0.025
FIRST_TICK_SECONDS: Final = 0.008
DRAIN_SECONDS: Final = 2.0
MOST_FILES: Final = 500
STATUS_BYTES: Final = 64 * 1024
SPARE_ADDRESS_BYTES: Final = 2048 * MIB
COLLECTED_BYTES: Final = 64 * MIB
SIGNAL_BASE: Final = 128
SHELL_IS_SILENT: Final = frozenset({signal.SIGINT, signal.SIGPIPE})
"""Signals that a shell does not tell of when they end its child."""

ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/work", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108

FIRST_PROCESS: Final = """
echo up >&2
read -r go || exit 125
LIMITS || exit 124
collect=$1 out=$2 err=$3
shift 3
(exec "$@") >"/proc/self/fd/$out" 2>"/proc/self/fd/$err"
echo "ended $?" >&2
[ -z "$collect" ] || tar -C /work --hard-dereference -cf - -- "$collect" 2>/dev/null
exit 0
"""
"""What the shell inside does. Its own input is ours (the line, then the job's stdin), its error stream tells us how
the job went, its output carries what is collected; the job's streams are two further pipes."""


@dataclass(frozen=True, slots=True)
class _Pipes:
    """Our ends of the pipes of one job."""

    stdin: int
    status: int
    packed: int
    stdout: int
    stderr: int
    info: int
    brief: int | None
    records: int | None


class Bubblewrap:
    """Runs jobs behind bubblewrap."""

    tier = "bubblewrap"

    def __init__(self, program: Path, *, disable_userns: bool = True) -> None:
        """Prepare what all jobs have in common.

        Args:
            program: the ``bwrap`` executable.
            disable_userns: whether this ``bwrap`` knows ``--disable-userns`` (0.8.0 and later).

        Raises:
            Unavailable: libseccomp is missing, or no temporary folder can be read by the sandbox's user.
        """
        self._drop = os.geteuid() == 0
        self._uid = SANDBOX_UID if self._drop else os.geteuid()
        self._filter = seccomp.program()
        self._stage = Stage(reader_uid=self._uid)
        self._processes_flag = _processes_flag()
        self._opening = (
            *(_as_nobody() if self._drop else ()),
            str(program),
            *_namespaces(disable_userns=disable_userns),
            *_file_system(self._stage.etc),
        )

    def run(self, job: Job) -> Ended:
        """Run ``job`` in a fresh sandbox and return how it ended; nothing of it is left afterwards.

        Raises:
            Malformed: the job cannot be put in place: too many files, or a path that leaves its folder.
            Unavailable: the sandbox did not come up, or a mount cannot be read by its user.
        """
        with ExitStack() as cleanup:
            theirs: list[int] = []
            pipes = self._pipes(job, theirs, cleanup)
            argv = self._argv(job, theirs, pipes)
            process = self._start(argv, theirs)
            for descriptor in theirs:
                os.close(descriptor)
            theirs.clear()
            return _Course(job, process, pipes, cleanup).follow()

    def _pipes(self, job: Job, theirs: list[int], cleanup: ExitStack) -> _Pipes:
        """Open the pipes; their ends for the sandbox are put into ``theirs``: stdin, packed, status, then the rest."""
        cleanup.callback(_close_all, theirs)
        words = " ".join(job.argv)

        def into() -> int:
            theirs_end, ours = os.pipe()
            theirs.append(theirs_end)
            os.fchown(theirs_end, self._uid, -1)
            return ours

        def out() -> int:
            ours, theirs_end = os.pipe()
            theirs.append(theirs_end)
            os.fchown(theirs_end, self._uid, -1)
            return ours

        return _Pipes(
            stdin=into(),
            packed=out(),
            status=out(),
            stdout=out(),
            stderr=out(),
            info=out(),
            brief=into() if "{brief}" in words else None,
            records=out() if "{records}" in words else None,
        )

    def _argv(self, job: Job, theirs: list[int], pipes: _Pipes) -> list[str]:
        stdout, stderr, info = theirs[3:6]
        rest = theirs[6:]
        brief = rest.pop(0) if pipes.brief is not None else -1
        records = rest.pop(0) if pipes.records is not None else -1
        argv = list(self._opening)
        for mount in sorted(job.mounts, key=lambda one: one.inside.count("/")):
            if str(mount.source) == mount.inside and mount.source.is_relative_to("/usr"):
                continue  # every sandbox sees it
            argv += ["--ro-bind", str(self._stage.readable(mount.source)), mount.inside]
        argv += _memory_folders(job.limits)
        if len(job.files) > MOST_FILES:
            raise Malformed(f"the job brings {len(job.files)} files; at most {MOST_FILES}, mount a folder instead")
        for name, data in job.files.items():
            argv += ["--file", str(_memory_file(data, theirs)), f"/work/{_relative(name)}"]
        for name, value in {**ENVIRONMENT, **job.env}.items():
            argv += ["--setenv", name, value]
        argv += ["--seccomp", str(_memory_file(self._filter, theirs)), "--info-fd", str(info)]
        words = (word.replace("{brief}", str(brief)).replace("{records}", str(records)) for word in job.argv)
        folder = _relative(job.collect) if job.collect else ""
        script = FIRST_PROCESS.replace("LIMITS", _ulimits(job.limits, self._processes_flag))
        return [*argv, "--", "/bin/sh", "-c", script, "sh", folder, str(stdout), str(stderr), *words]

    def _start(self, argv: Iterable[str], theirs: list[int]) -> subprocess.Popen[bytes]:
        stdin, packed, status, *others = theirs
        # A session of its own: Ctrl-C in our terminal must not look like a crash of the proof.
        return subprocess.Popen(
            tuple(argv),
            stdin=stdin,
            stdout=packed,
            stderr=status,
            pass_fds=others,
            env={},
            cwd="/",
            umask=0o022,
            start_new_session=True,
        )


class _Course:
    """One job from start to end."""

    def __init__(self, job: Job, process: subprocess.Popen[bytes], pipes: _Pipes, cleanup: ExitStack) -> None:
        self._job = job
        self._process = process
        self._pipes = pipes
        limit = job.limits.output_bytes
        self._pump = Pump()
        cleanup.callback(self._pump.close)
        self._status = Outflow(pipes.status, STATUS_BYTES)
        self._packed = Outflow(pipes.packed, COLLECTED_BYTES if job.collect else 0)
        self._stdout = Outflow(pipes.stdout, limit)
        self._stderr = Outflow(pipes.stderr, limit)
        self._records = None if pipes.records is None else Outflow(pipes.records, limit)
        for flow in (self._status, self._packed, self._stdout, self._stderr, self._records):
            if flow:
                self._pump.add(flow)
        self._outside = os.pidfd_open(process.pid)
        self._first: int | None = None
        cleanup.callback(self._leave)
        self._pump.watch(self._outside)
        self._timed_out = self._out_of_memory = False

    def follow(self) -> Ended:
        """Start the job, feed it, watch it and say how it ended."""
        first = self._come_up()
        began = time.monotonic()
        self._let_go()
        watch = self._watch_until_end(first, began)
        wall_seconds = time.monotonic() - began
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = 0  # reaped by us, with its resource usage
        drained_at = time.monotonic() + DRAIN_SECONDS
        self._pump.unwatch(self._outside)
        while self._pump.flowing_out() and time.monotonic() < drained_at:
            self._pump.turn(wait_seconds=TICK_SECONDS)
        exit_code, signal_number = self._outcome()
        return Ended(
            exit_code=exit_code,
            signal=signal_number,
            timed_out=self._timed_out,
            out_of_memory=self._out_of_memory,
            stdout=self._stdout.data,
            stderr=self._stderr.data,
            records=self._records.data if self._records else b"",
            cut=tuple(name for name in ("stdout", "stderr", "records") if self._was_cut(name)),
            wall_seconds=wall_seconds,
            cpu_seconds=max(watch.cpu_seconds, usage.ru_utime + usage.ru_stime),
            peak_bytes=watch.peak_bytes,
            tier=Bubblewrap.tier,
            collected=self._collected(),
        )

    def _come_up(self) -> int:
        """Wait until the first process inside says that it is up; return its number on this machine."""
        until = time.monotonic() + START_SECONDS
        while not self._status.data.endswith(b"up\n"):
            left = until - time.monotonic()
            if left <= 0 or self._pump.turn(wait_seconds=left):
                self._pump.turn(wait_seconds=0)
                said = self._status.data.decode("utf-8", "replace").strip()
                os.close(self._pipes.info)
                raise Unavailable(f"the sandbox did not come up: {said or 'it said nothing'}")
        with os.fdopen(self._pipes.info, "rb") as info:
            first = int(json.loads(info.read())["child-pid"])
        self._first = os.pidfd_open(first)
        return first

    def _let_go(self) -> None:
        self._pump.add(Inflow(self._pipes.stdin, b"go\n" + self._job.stdin))
        if self._pipes.brief is not None:
            self._pump.add(Inflow(self._pipes.brief, self._job.brief))

    def _watch_until_end(self, first: int, began: float) -> Watch:
        limits = self._job.limits
        watch = Watch(first, ("/work", "/tmp", "/dev/shm"))  # noqa: S108 folders inside
        look_at = began + FIRST_TICK_SECONDS
        deadline = began + limits.wall_seconds
        while True:
            now = time.monotonic()
            if self._pump.turn(wait_seconds=min(look_at, deadline) - now):
                return watch
            now = time.monotonic()
            if now >= deadline:
                self._timed_out = True
                self._stop(watch)
                return watch
            if now >= look_at:
                look_at = now + TICK_SECONDS
                if watch.exceeds(limits.memory_bytes):
                    self._out_of_memory = True
                    self._stop(watch)
                    return watch

    def _outcome(self) -> tuple[int | None, int | None]:
        """Return exit code and signal, of which one is None."""
        words, _, ended = self._status.data.removeprefix(b"up\n").rpartition(b"ended ")
        if not ended and words:
            raise Unavailable(f"the sandbox could not start the program: {words.decode('utf-8', 'replace').strip()}")
        if self._timed_out or self._out_of_memory or not ended:
            return None, int(signal.SIGKILL)
        code = int(ended)
        number = code - SIGNAL_BASE
        if number > 0 and (words or number in SHELL_IS_SILENT):
            return None, number
        return code, None

    def _was_cut(self, name: str) -> bool:
        flow = {"stdout": self._stdout, "stderr": self._stderr, "records": self._records}[name]
        return flow is not None and flow.cut

    def _collected(self) -> dict[str, bytes]:
        if not self._job.collect or self._timed_out or self._out_of_memory:
            return {}
        return dict(collected(self._packed.data, self._job.collect, limit_bytes=COLLECTED_BYTES))

    def _stop(self, watch: Watch) -> None:
        """End a job that used too much, having read what it used: the kernel forgets it with the namespace."""
        watch.read_cpu()
        self._kill()

    def _kill(self) -> None:
        """End everything inside; ``bwrap`` then ends by itself."""
        if self._first is None:
            self._process.kill()
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def _leave(self) -> None:
        """See to it that nothing runs any more, whatever happened."""
        if self._process.returncode is None:
            self._kill()
            try:
                self._process.wait(timeout=DRAIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _close_all([one for one in (self._outside, self._first) if one is not None])


def _as_nobody() -> tuple[str, ...]:
    """Return the command that gives up root: user, group, all other groups, and with them every capability.

    A command, not ``Popen(user=…)``: that would copy our whole process for each job (20 ms at 200 MiB) where a
    command needs 1 ms.
    """
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if setpriv is None:
        raise Unavailable("setpriv is not installed, so root cannot be given up; cure: apt-get install util-linux")
    return (setpriv, f"--reuid={SANDBOX_UID}", f"--regid={SANDBOX_UID}", "--clear-groups", "--no-new-privs", "--")


def _namespaces(*, disable_userns: bool) -> tuple[str, ...]:
    return (
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        *(("--disable-userns",) if disable_userns else ()),
        *("--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID), "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL"),
    )


def _file_system(etc: Path) -> tuple[str, ...]:
    """Return what every sandbox sees: the system's programs and libraries, our ``/etc``, new ``/proc``, ``/dev``."""
    argv = ["--ro-bind", "/usr", "/usr", "--ro-bind", str(etc), "/etc", "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        place = Path("/", name)
        if place.is_symlink():
            argv += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            argv += ["--ro-bind", str(place), str(place)]
    return tuple(argv)


def _memory_folders(limits: Limits) -> list[str]:
    """Return the writable places, each of limited size and in memory; everything else becomes read-only."""
    size = str(limits.work_bytes)
    argv = []
    for folder in ("/work", "/tmp", "/dev/shm"):  # noqa: S108 folders inside
        argv += ["--perms", "0755", "--size", size, "--tmpfs", folder]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work"]


def _ulimits(limits: Limits, processes_flag: str) -> str:
    """Return the shell commands that set what the kernel itself holds a job to; its children inherit it."""
    rules = (
        ("c", resource.RLIMIT_CORE, 0, 512),
        ("d", resource.RLIMIT_DATA, 2 * limits.memory_bytes + SPARE_ADDRESS_BYTES, KIB),
        ("f", resource.RLIMIT_FSIZE, limits.work_bytes, 512),
        ("l", resource.RLIMIT_MEMLOCK, MIB, KIB),
        ("n", resource.RLIMIT_NOFILE, 1024, 1),
        (processes_flag, resource.RLIMIT_NPROC, limits.processes, 1),
        ("s", resource.RLIMIT_STACK, 8 * MIB, KIB),
        ("t", resource.RLIMIT_CPU, limits.cpu_seconds, 1),
    )
    commands = []
    for flag, kind, most, unit in rules:
        hard = resource.getrlimit(kind)[1]
        commands.append(f"ulimit -{flag} {(most if hard == resource.RLIM_INFINITY else min(most, hard)) // unit}")
    return " && ".join(commands)


def _processes_flag() -> str:
    """Return the letter by which this machine's shell limits processes: ``u`` in bash, ``p`` in dash and busybox."""
    known = subprocess.run(("/bin/sh", "-c", "ulimit -u"), capture_output=True, check=False, env={})
    return "p" if known.returncode else "u"


def _memory_file(data: bytes, theirs: list[int]) -> int:
    descriptor = os.memfd_create("clearinghouse")
    theirs.append(descriptor)
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _relative(name: str) -> str:
    parts = name.split("/")
    if not name or "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise Malformed(f"{name!r} is not a path below /work; write it like folder/file, without dots")
    return name


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
