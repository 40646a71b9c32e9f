"""The gVisor tier: a kernel of its own, in user space, between a job and this machine's.

``runsc`` is started as an unprivileged user, without rights and without network; the job's system calls are answered by
its kernel (the *sentry*), which itself may make few calls, and files are opened for it by another process (the
*gofer*). Old builds hand no descriptors on but the first three, so the job's streams are named pipes: in a folder of
the run that only the sandbox's user may enter, opened by us before and by the first process inside before it says that
it is up, and removed as soon as it has said so.

Source: docs/decisions/0061-gvisor-tier.md.
"""

import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clearinghouse.sandbox.bundle import CHANNELS, bundle
from clearinghouse.sandbox.course import Course, sandbox_uid
from clearinghouse.sandbox.first_process import BRIEF, PACKED, RECORDS, STATUS, STDERR, STDIN, STDOUT, first_process
from clearinghouse.sandbox.pipes import Pipes
from clearinghouse.sandbox.profile import Ended, Job
from clearinghouse.sandbox.runsc import Runsc
from clearinghouse.sandbox.staging import Stage, open_up
from clearinghouse.sandbox.walls import MEMORY_FOLDERS, below_job, files_of, mounts_of, system_folders
from clearinghouse.sandbox.warden import Warden, started
from clearinghouse.sandbox.watch import SentryWatch, Watch

HANDED: Final = tuple(enumerate((STDIN, STDOUT, STDERR)))
"""What the sandbox's kernel is handed: only these behave as a program expects of its output; the other streams are
written by programs that know what to do when less is taken than was offered."""
ASKED: Final = {"{brief}": BRIEF, "{records}": RECORDS}
PLACES: Final = frozenset((folder, True) for folder in ("/proc", "/dev", "/sys", CHANNELS, *MEMORY_FOLDERS))
"""Where something is mounted in every sandbox, beside the folders of this machine; all are folders."""


class Gvisor:
    """Runs jobs behind gVisor."""

    tier = "gvisor"

    def __init__(self, runsc: Runsc, *, platform: str) -> None:
        """Prepare what all jobs have in common.

        Args:
            runsc: what is installed.
            platform: the way in which it catches system calls.

        Raises:
            Unavailable: no temporary folder can be read by the sandbox's user.
        """
        uid = sandbox_uid()
        self.platform = platform
        self._runsc = runsc
        self._stage = Stage(reader_uid=uid)
        self._warden = Warden(uid=uid)
        links = [one for one in system_folders() if one.is_symlink()]
        self._links = {one.name: str(one.readlink()) for one in links}
        self._always = [(Path("/usr"), "/usr"), (self._stage.etc, "/etc")]
        self._always += [(one, str(one)) for one in system_folders() if one not in links]

    def run(self, job: Job) -> Ended:
        """Run ``job`` in a fresh sandbox and return how it ended; nothing of it is left afterwards.

        Raises:
            Malformed: the job cannot be put in place: too many files, or a path that leaves its folder.
            Unavailable: the sandbox did not come up, or a mount cannot be read by its user.
        """
        with ExitStack() as cleanup:
            pipes = Pipes(cleanup)
            folder = self._stage.fresh()
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
            state = self._stage.given(folder / "state")
            self._fill(job, folder, pipes)
            argv = self._runsc.run(state=state, bundle=folder, platform=self.platform)
            line = cleanup.enter_context(
                self._warden.start(argv, {number: pipes.theirs[place] for number, place in HANDED}, tell=True)
            )
            pipes.close_theirs()
            return Course(job, line, pipes, cleanup, _Up(started(line), folder, job.limits.processes)).follow()

    def _fill(self, job: Job, folder: Path, pipes: Pipes) -> None:
        """Write the bundle of ``job`` into ``folder``, and open the pipes it speaks of."""
        channels = folder / "channels"
        channels.mkdir()
        words = "\0".join(job.argv)
        named = [PACKED, STATUS, *(place for word, place in ASKED.items() if word in words)]
        opening = ["exec 3>&1 4>&2", *(f"exec {one}{'<' if one == BRIEF else '>'}{CHANNELS}/{one}" for one in named)]
        for place in named:
            pipes.named(place, channels / str(place), into=place == BRIEF)
        for place in (STDOUT, STDERR):
            pipes.widen(pipes.out(place))
        pipes.into(STDIN)
        for name, data in files_of(job):
            goal = channels / "files" / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_bytes(data)
        if job.files:
            opening.append(f"cp -R {CHANNELS}/files/. /job/")
        for word, place in ASKED.items():
            words = words.replace(word, str(place))
        mounts = [*self._always, *((self._stage.readable(one.source), one.inside) for one in mounts_of(job))]
        places = frozenset((inside, source.is_dir()) for source, inside in mounts) | PLACES
        config = bundle(
            rootfs=self._stage.rootfs(self._links, places),
            channels=channels,
            mounts=mounts,
            command=[
                *first_process(limits=":", opening=" || exit 123\n".join([*opening, ""])),
                below_job(job.collect) if job.collect else "",
                *words.split("\0"),
            ],
            env=job.env,
            limits=job.limits,
        )
        (folder / "config.json").write_text(json.dumps(config))
        open_up(folder / "config.json")
        open_up(channels)


@dataclass(frozen=True, slots=True)
class _Up:
    """One sandbox that was started: what a job's course needs to know of it."""

    runsc: int
    folder: Path
    processes: int
    tier: str = Gvisor.tier
    ends_slowly: bool = True

    def came_up(self, pipes: Pipes) -> int:
        """Take the names of the pipes away, which were all opened; return the process that holds the sandbox."""
        del pipes
        for one in (self.folder / "channels").iterdir():
            if one.is_dir():
                shutil.rmtree(one)
            else:
                one.unlink()
        return self.runsc

    def watch(self, first: int) -> Watch:
        """Return what reads the use of the sandbox, beyond what its kernel took to start."""
        return SentryWatch(first, most_processes=self.processes)
