"""One clearing from the command line: the same actions that the server runs, one after the other."""

import os
import platform
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from clearinghouse.artefacts import open_artefacts
from clearinghouse.cases.actions import forget_trials, join_findings
from clearinghouse.cases.tasks import new_id
from clearinghouse.commands.plain import plain
from clearinghouse.errors import Malformed
from clearinghouse.findings.actions import take_in
from clearinghouse.findings.discovery import discover
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.parties.actions import local_actor
from clearinghouse.signing.keys import SEED_BYTES, SigningKey, load_key, save_key
from clearinghouse.strict import load_json
from clearinghouse.validation.actions import forget_judgements
from clearinghouse.validation.models import StoredRun
from clearinghouse.validation.queries import STEPS, steps_done
from clearinghouse.work.drain import drain
from clearinghouse.work.rules import Progress as WorkProgress


def now() -> datetime:
    """Return the time: the command line is an edge, so it may look at the clock."""
    return datetime.now(UTC)


def machine() -> dict[str, str]:
    """Return what ``run.json`` says of the machine; nothing of it reaches ``index.json``."""
    return {"system": platform.platform(), "python": platform.python_version(), "cores": str(os.cpu_count())}


class Clearing:
    """A clearing into one output folder."""

    def __init__(self, out: Path, *, key: Path | None) -> None:
        self.out = out
        self.console = Console(stderr=True)
        self.signer = self._signer(key)
        self.actor = local_actor(at=now())
        self.artefacts = open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS)

    def pin_feeds(self, folder: Path | None) -> None:
        """Take in the KEV and EPSS snapshots of ``folder``, so that the order of work rests on dated data."""
        if folder is None:
            return
        from clearinghouse.feeds.actions import take_in_folder

        take_in_folder(folder, actor=self.actor, at=now())

    def take_in(self, reports: Sequence[Path], *, target: str) -> None:
        """Take in every report below the given paths; what is refused stands in nobody's way."""
        handed = discover(reports)
        if not handed:
            raise Malformed(
                "there is no report at the paths given; name report folders, archives, files, or folders of them"
            )
        taken: set[str] = set()
        with self._bar("taking in", total=len(handed)) as bar:
            for one in handed:
                for kept in take_in(one, artefacts=self.artefacts, target=target, actor=self.actor, at=now()):
                    if isinstance(kept, Finding):
                        taken.add(kept.key)
                    else:
                        self._say("refused", f"{one.name}: {kept.problems[0]['reason']}")
                bar()
        others = Finding.objects.exclude(state=FindingState.SUPERSEDED).exclude(key__in=taken).count()
        if others:
            self._say("note:", f"reports of earlier clearings in {self.out} that are part of the result too: {others}")

    def judge_anew(self, *, only_searched: bool) -> None:
        """Forget what was judged, so that it is judged again; joins that a person undid, and the ledger, stay."""
        forget_judgements(only_searched=only_searched, actor=self.actor, at=now())
        if not only_searched:
            forget_trials(actor=self.actor, at=now())

    def work(self, *, jobs: int) -> int:
        """Do everything that is due (judging, affected releases, patches, joins); return how many steps failed."""
        total = Finding.objects.exclude(state=FindingState.SUPERSEDED).count()
        with self._bar("clearing", total=total * STEPS) as bar:

            def show(progress: WorkProgress) -> None:
                bar(steps_done(), f"{StoredRun.objects.count()} runs, {len(progress.running)} at work")

            done = drain(jobs=jobs, on_progress=show)
        # Packages with a finding that could not be judged still get the cases of their other findings.
        join_findings(artefacts=self.artefacts, new_id=new_id, actor=self.actor, at=now())
        for failure in done.failed:
            last = failure.error.strip().rsplit("\n", 1)[-1]
            self._say("failed", f"{failure.call.task}: {last}")
        return len(done.failed)

    def _say(self, what: str, about: str) -> None:
        """Print a line about foreign matter, without anything in it that a terminal or our own markup would obey."""
        self.console.print(Text.assemble((what, "yellow"), " ", plain(about)), soft_wrap=True)

    def write(self, *, with_releases: bool = False) -> dict[str, Any]:
        """Write the output folder and return the index."""
        from clearinghouse.advisories.actions import write_output
        from clearinghouse.advisories.carrying import carrying

        cache, demand = settings.CLEARINGHOUSE_CACHE, settings.CLEARINGHOUSE_SANDBOX
        carry = carrying(self.artefacts, cache=cache, demand=demand) if with_releases else None
        with self._bar("writing", total=None):
            write_output(
                self.out,
                signer=self.signer,
                artefacts=self.artefacts,
                machine=machine(),
                carry=carry,
                actor=self.actor,
                at=now(),
            )
        index: dict[str, Any] = load_json((self.out / "index.json").read_bytes())
        return index

    def _signer(self, key: Path | None) -> SigningKey:
        path = key or settings.CLEARINGHOUSE_KEY or settings.CLEARINGHOUSE_HOME / "keys" / "signing.key"
        if path.is_file():
            return load_key(path)
        made = SigningKey(secrets.token_bytes(SEED_BYTES))
        path.parent.mkdir(parents=True, exist_ok=True)
        save_key(made, path)
        self._say("made a signing key:", str(path))
        return made

    @contextmanager
    def _bar(self, what: str, *, total: int | None) -> Iterator["_Advance"]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}" if total is not None else ""),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
        )
        shown = sys.stderr.isatty()
        with Progress(*columns, console=self.console, disable=not shown, transient=True) as progress:
            task = progress.add_task(what, total=total, note="")
            advance = _Advance(progress, task, self.console if not shown else None, what, total)
            yield advance
        advance.end()


class _Advance:
    """Moves a bar, or, where nobody watches a terminal, says now and then how far things are."""

    EVERY_SECONDS = 10.0

    def __init__(self, progress: Progress, task: Any, plain: Console | None, what: str, total: int | None) -> None:  # noqa: ANN401
        self.progress, self.task, self.plain, self.what, self.total = progress, task, plain, what, total
        self.done = 0
        self.said_at = now()

    def __call__(self, completed: int | None = None, note: str = "") -> None:
        """Move to ``completed``, or one further."""
        self.done = self.done + 1 if completed is None else completed
        self.progress.update(self.task, completed=self.done, note=note)
        if self.plain is not None and (now() - self.said_at).total_seconds() >= self.EVERY_SECONDS:
            self.said_at = now()
            self.plain.print(f"{self.what}: {self.done}/{self.total} {note}", highlight=False)

    def end(self) -> None:
        """Say that it is done, where there is no bar to see."""
        if self.plain is not None:
            self.plain.print(f"{self.what}: done", highlight=False)
