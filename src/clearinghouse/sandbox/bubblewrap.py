"""The bubblewrap tier: user, process, network, IPC, host name and cgroup namespaces, seccomp, limits, no privileges.

Source: docs/decisions/0020-bubblewrap-first.md; ``../notes/security.md`` S1.
"""

import json
import os
import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import observing, seccomp
from clearinghouse.sandbox.course import Course, sandbox_uid
from clearinghouse.sandbox.first_process import BRIEF, PACKED, RECORDS, STATUS, STDERR, STDIN, STDOUT, first_process
from clearinghouse.sandbox.pipes import Pipes
from clearinghouse.sandbox.profile import Ended, Job, Observed
from clearinghouse.sandbox.staging import Stage
from clearinghouse.sandbox.walls import (
    ENVIRONMENT,
    MEMORY_FOLDERS,
    below_job,
    file_system,
    files_of,
    group_limits,
    memory_folders,
    mounts_of,
    namespaces,
    processes_flag,
    ulimits,
)
from clearinghouse.sandbox.warden import Warden
from clearinghouse.sandbox.watch import Watch

INFO, FILTER, FILES = range(RECORDS + 1, RECORDS + 4)


class Bubblewrap:
    """Runs jobs behind bubblewrap."""

    tier = "bubblewrap"
    ends_slowly = False

    def __init__(self, program: Path, *, disable_userns: bool = True) -> None:
        """Prepare what all jobs have in common.

        Args:
            program: the ``bwrap`` executable.
            disable_userns: whether this ``bwrap`` knows ``--disable-userns`` (0.8.0 and later).

        Raises:
            Unavailable: libseccomp is missing, or no temporary folder can be read by the sandbox's user.
        """
        uid = sandbox_uid()
        self._filter = seccomp.program()
        self._stage = Stage(reader_uid=uid)
        self._warden = Warden(uid=uid)
        self._processes_flag = processes_flag()
        self._opening = (
            str(program),
            *namespaces(disable_userns=disable_userns),
            *file_system(self._stage.etc),
        )

    def run(self, job: Job) -> Ended:
        """Run ``job`` in a fresh sandbox and return how it ended; nothing of it is left afterwards.

        Raises:
            Malformed: the job cannot be put in place: too many files, or a path that leaves its folder.
            Unavailable: the sandbox did not come up, or a mount cannot be read by its user.
        """
        with ExitStack() as cleanup:
            pipes = Pipes(cleanup)
            argv = self._argv(job, pipes)
            observe, told, why = _observer(job, cleanup)
            far = told[1].fileno() if told else -1
            line = cleanup.enter_context(
                self._warden.start(argv, pipes.theirs, observe=observe, told=far, group=group_limits(job.limits))
            )
            pipes.close_theirs()
            course = Course(job, line, pipes, cleanup, self, told=told[0] if told else None)
            if told:
                told[1].close()
            ended = course.follow()
            return replace(ended, observed=Observed(why=why)) if why else ended

    def came_up(self, pipes: Pipes) -> int:
        """Return the first process inside, as this machine counts."""
        with os.fdopen(pipes.take(INFO), "rb") as info:
            return int(json.loads(info.read())["child-pid"])

    def watch(self, first: int) -> Watch:
        """Return what reads the use of the processes under ``first``."""
        return Watch(first, MEMORY_FOLDERS)

    def _argv(self, job: Job, pipes: Pipes) -> list[str]:
        """Return the command, and open the pipes it speaks of."""
        argv = list(self._opening)
        for mount in mounts_of(job):
            argv += ["--ro-bind", str(self._stage.readable(mount.source)), mount.inside]
        argv += memory_folders(job.limits)
        for place, (name, data) in enumerate(files_of(job), FILES):
            argv += ["--file", str(pipes.holding(place, data)), f"/job/{name}"]
        for name, value in {**ENVIRONMENT, **job.env}.items():
            argv += ["--setenv", name, value]
        argv += ["--seccomp", str(pipes.holding(FILTER, self._filter)), "--info-fd", str(pipes.out(INFO))]
        for place in (PACKED, STATUS, STDOUT, STDERR):
            pipes.out(place)
        pipes.into(STDIN)
        words = "\0".join(job.argv)
        if "{brief}" in words:
            words = words.replace("{brief}", str(pipes.into(BRIEF)))
        if "{records}" in words:
            words = words.replace("{records}", str(pipes.out(RECORDS)))
        shell = first_process(limits=ulimits(job.limits, self._processes_flag))
        return [*argv, "--", *shell, below_job(job.collect) if job.collect else "", *words.split("\0")]


def _observer(
    job: Job, cleanup: ExitStack
) -> tuple[dict[str, Any] | None, tuple[socket.socket, socket.socket] | None, str]:
    """Return what an observer is to look at and the two ends of its line, or why there can be none."""
    if job.watching is None:
        return None, None, ""
    try:
        observe = observing.order(job.watching)
    except Unavailable as refusal:
        return None, None, str(refusal)
    told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in told:
        cleanup.callback(end.close)
    return observe, told, ""
