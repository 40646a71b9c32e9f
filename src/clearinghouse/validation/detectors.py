"""The detectors: each says from a run's records whether *we* saw what the proof claims.

What each sees and does not see is told to finders in ``docs/guide/witness-protocol.md``.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clearinghouse.sandbox.pressure import is_starved
from clearinghouse.sandbox.profile import Ended
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Frame, Outcome, Owner, Witness

GROWTH_FIRES = 1.5
"""Exponent of the last doubling from which growth counts as superlinear (measured: clean slopes lie near 2)."""
GROWTH_SILENT = 1.3
GROWTH_FASTER = 20.0
"""A control is silent too when it is this many times faster at the same n."""
GROWTH_FLOOR_SECONDS = 0.005
BESIDE_GROWS = "its harmless form, measured beside it, grows as well"
UNCLEAR = "its time grows neither clearly nor clearly not"
HANG_CONTROL_SHARE = 20.0
FAULT_SIGNALS: Mapping[int, str] = {4: "SIGILL", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV"}
CLEAN = frozenset({Owner.TARGET, Owner.DEPENDENCY, Owner.LIBRARY})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a detector concludes from one run."""

    outcome: Outcome
    witness: Witness | None = None
    why: str = ""
    facts: Mapping[str, Any] | None = None
    forged: str = ""
    """Why the record that it rests on cannot have been made by an act."""


SILENT = Seen(Outcome.SILENT)


def frames_of(record: Mapping[str, Any]) -> tuple[Frame, ...]:
    """Return the frames a record carries, innermost first, at most 40."""
    return tuple(
        Frame(
            owner=_owner(one.get("owner")),
            module=str(one.get("module", ""))[:200],
            function=str(one.get("function", ""))[:200],
            file=str(one.get("file", ""))[:300],
            line=int(one.get("line") or 0),
        )
        for one in record.get("frames", [])[:40]
    )


def _owner(text: object) -> Owner:
    try:
        return Owner(str(text))
    except ValueError:
        return Owner.UNKNOWN


class Watch(ABC):
    """One detector: turns the records of one run into fired or silent."""

    detector: ClassVar[Detector]

    @abstractmethod
    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:
        """Return what the run showed; the caller has already dealt with faults and tampering."""


class Act(Watch):
    """An act in the world, seen by the hook, that carries our token or touches our canary."""

    sentence: ClassVar[str]

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire on the first act that the target is to blame for; else on the first act at all, with its blame."""
        acts = [one for one in records.of("act") if one.get("detector") == self.detector and one.get("token")]
        if not acts:
            return SILENT
        act = next((one for one in acts if _owner(one.get("blamed")) in CLEAN), acts[0])
        event = str(act.get("event", ""))[:80]
        witness = Witness(
            detector=self.detector,
            event=event,
            summary=f"{self.sentence} {event}",
            blamed=_owner(act.get("blamed")),
            frames=frames_of(act),
            argument=str(act.get("argument", "")).replace(token, "<token>")[:200],
        )
        facts: dict[str, Any] = {"step": act["step"]} if isinstance(act.get("step"), int) else {}
        return Seen(Outcome.FIRED, witness, facts=facts | _acting(act))


def _acting(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return as a fact which code that the target made was running then, by its digests."""
    made = record.get("made")
    return {"acting": [str(one)[:64] for one in made[:40]]} if made else {}


class CommandExecution(Act):
    """A process was started with our token in its arguments."""

    detector = Detector.COMMAND_EXECUTION
    sentence = "The target starts a process of the attacker's choice:"


class FileWrite(Act):
    """A file in the canary zone was made or changed."""

    detector = Detector.FILE_WRITE
    sentence = "The target writes outside the folder it was given:"


class FileRead(Act):
    """The canary file was opened for reading."""

    detector = Detector.FILE_READ
    sentence = "The target reads a file outside the folder it was given:"


class Network(Act):
    """A connection to a host named with our token was attempted."""

    detector = Detector.NETWORK
    sentence = "The target contacts a host of the attacker's choice:"


class Pollution(Act):
    """A prototype shared by all objects got a property named with our token."""

    detector = Detector.POLLUTION
    sentence = "The target changes a prototype that all objects share:"


REJECTIONS = frozenset({"SyntaxError"})
"""Types by which a parser says that its input is not what it reads."""


class Raised(Watch):
    """An exception of the stated type was first raised below a public call and left it."""

    detector = Detector.EXCEPTION

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire on an exception of exactly the type that the proof states."""
        wanted = str(proof.expect.get("exception", "")).rsplit(".", 1)[-1]
        for one in records.of("raise"):
            if one.get("type") == wanted and one.get("leaves", True):
                witness = Witness(
                    detector=self.detector,
                    event=wanted,
                    summary=f"A public call of the target ends with {wanted}",
                    blamed=_owner(one.get("blamed")),
                    frames=frames_of(one),
                )
                facts = {"step": one.get("step", 0), **_acting(one)}
                if _answers(one, witness):
                    facts["answers"] = True
                return Seen(Outcome.FIRED, witness, facts=facts)
        return SILENT


def _answers(record: Mapping[str, Any], witness: Witness) -> bool:
    """Say whether an exception may be how the target says no: a type of its own, or the one for text it cannot read."""
    if record.get("type") in REJECTIONS:
        return True
    module = str(record.get("module", "builtins"))
    own = {one.module.partition(".")[0] for one in witness.frames if one.owner is Owner.TARGET}
    return not module or module.partition(".")[0] in own


class Invariant(Watch):
    """A returned value is not what it must be."""

    detector = Detector.INVARIANT

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire on the first broken expectation; the sentence is for the maintainer to sign."""
        broken = records.first("broken")
        if broken is None:
            return SILENT
        index = int(broken.get("index", 0))
        steps = proof.form.steps()
        called = str(steps[index].get("call") or steps[index].get("method") or steps[index].get("new")) if steps else ""
        expectation = str(broken.get("expectation", ""))[:40]
        witness = Witness(
            detector=self.detector,
            event=expectation,
            summary=f"Step {index} ({called}) breaks {expectation}",
            blamed=Owner.TARGET,
            frames=(Frame(Owner.TARGET, "", called, "", 0),),
            argument=str(broken.get("found", "")).replace(token, "<token>")[:200],
        )
        return Seen(Outcome.FIRED, witness, facts={"step": index})


class Growth(Watch):
    """CPU time grows faster than the input."""

    detector = Detector.GROWTH

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire when the last doubling grows with an exponent of at least 1.5 and the harmless form beside it does not.

        One point may be off on a busy machine, but then the harmless form, measured by turns with the proof, is off
        too: such a run is unclear and is made again. Without one beside it, the whole curve has to agree.
        """
        points = points_of(records)
        starved = is_starved(
            ended.cpu_seconds, proof.limit_seconds, ended.pressure, waited_seconds=ended.waited_seconds
        )
        if len(points) < 2:  # noqa: PLR2004 - a slope needs two points
            why = "fewer than two sizes were measured within the limit"
            return Seen(Outcome.COULD_NOT_RUN, why=why, facts={"starved": True} if starved else None)
        last, whole = last_exponent(points), fitted_exponent(points)
        facts: dict[str, Any] = {"exponent": round(last, 2), "fitted": round(whole, 2)}
        beside = points_of(records, "beside")
        grows = last >= GROWTH_FIRES and min(points[-2][1], points[-1][1]) >= GROWTH_FLOOR_SECONDS
        if grows and beside and not _is_calm(beside, points):
            return Seen(Outcome.COULD_NOT_RUN, why=BESIDE_GROWS, facts={**facts, "unclear": True, "beside_grows": True})
        if grows and (beside or whole >= GROWTH_FIRES):
            steps = proof.form.steps()
            called = str(steps[-1].get("call") or steps[-1].get("method") or steps[-1].get("new")) if steps else ""
            witness = Witness(
                detector=self.detector,
                event="cpu-time",
                summary="CPU time grows faster than the input: the exponent of the last doubling is at least 1.5",
                blamed=Owner.TARGET,
                frames=(Frame(Owner.TARGET, "", called, "", 0),),
            )
            return Seen(Outcome.FIRED, witness, facts=facts)
        if not records.of("cut") and (points[-1][1] < GROWTH_FLOOR_SECONDS or max(last, whole) < GROWTH_SILENT):
            return Seen(Outcome.SILENT, facts=facts)
        if records.of("cut") and starved:
            facts["starved"] = True
        return Seen(Outcome.COULD_NOT_RUN, why=UNCLEAR, facts={**facts, "unclear": True})


def points_of(records: Records, kind: str = "time") -> tuple[tuple[int, float], ...]:
    """Return the measured points (n, best CPU seconds), by n; of several records of one n the last counts."""
    found = {int(one["n"]): float(one["seconds"]) for one in records.of(kind)}
    return tuple(sorted(found.items()))


def _is_calm(beside: tuple[tuple[int, float], ...], points: tuple[tuple[int, float], ...]) -> bool:
    """Say whether the harmless form, measured by turns with a proof that grows, does not grow with it."""
    if dict(beside).get(points[-1][0], GROWTH_FLOOR_SECONDS) < GROWTH_FLOOR_SECONDS:
        return True
    return control_is_quiet(beside, points)


def last_exponent(points: tuple[tuple[int, float], ...]) -> float:
    """Return log(t2/t1) / log(n2/n1) of the last two points."""
    (n1, t1), (n2, t2) = points[-2:]
    return math.log(max(t2, 1e-9) / max(t1, 1e-9)) / math.log(n2 / n1)


def fitted_exponent(points: tuple[tuple[int, float], ...]) -> float:
    """Return the slope of the straight line that fits log(t) over log(n) best."""
    logs = [(math.log(n), math.log(max(seconds, 1e-9))) for n, seconds in points]
    middle_n, middle_t = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = math.fsum((n - middle_n) ** 2 for n, _ in logs)
    return math.fsum((n - middle_n) * (t - middle_t) for n, t in logs) / spread


def control_is_quiet(points: tuple[tuple[int, float], ...], fired: tuple[tuple[int, float], ...]) -> bool:
    """Say whether a control's growth is clearly not the one that fired.

    It must have come as far as the one that fired; there either both its exponents lie below 1.3, or it is 20 times
    faster at the same n. A control that is merely some times faster still has the flaw.
    """
    if len(points) < 2 or not fired or dict(points).get(fired[-1][0]) is None:  # noqa: PLR2004
        return False
    slow, quick = fired[-1][1], dict(points)[fired[-1][0]]
    return slow >= GROWTH_FASTER * quick or max(last_exponent(points), fitted_exponent(points)) < GROWTH_SILENT


class Hang(Watch):
    """The call does not come back within the limit although its input is small."""

    detector = Detector.HANG

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire when the limit passed while the process was busy (or asleep) inside the target."""
        if ended.timed_out and is_starved(
            ended.cpu_seconds, proof.limit_seconds, ended.pressure, waited_seconds=ended.waited_seconds
        ):
            why = "it did not end, but others had the processor for most of the time"
            return Seen(Outcome.COULD_NOT_RUN, why=why, facts={"unclear": True, "starved": True})
        if ended.timed_out and records.first("ready") is not None:
            steps = proof.form.steps()
            called = str(steps[-1].get("call") or steps[-1].get("method") or steps[-1].get("new")) if steps else ""
            witness = Witness(
                detector=self.detector,
                event="limit",
                summary=f"The call does not end within {proof.limit_seconds:g} seconds",
                blamed=Owner.TARGET,
                frames=(Frame(Owner.TARGET, "", called, "", 0),),
            )
            return Seen(Outcome.FIRED, witness)
        last = records.first("end")
        used = float(last.get("cpu", ended.cpu_seconds)) if last else ended.cpu_seconds
        if used > proof.limit_seconds / HANG_CONTROL_SHARE:
            return Seen(Outcome.COULD_NOT_RUN, why="it ended, but only after a good part of the limit")
        return SILENT


class Crash(Watch):
    """The kernel ended the process with a fault signal."""

    detector = Detector.CRASH

    def look(self, records: Records, ended: Ended, proof: Proof, *, token: str) -> Seen:  # noqa: ARG002
        """Fire on a fault signal from the kernel; one that the process sent itself is none."""
        crash = records.first("crash")
        number = int(crash.get("signal", 0)) if crash else (ended.signal or 0)
        kernel = bool(crash.get("kernel")) if crash else not records.of("kill")
        if number not in FAULT_SIGNALS or not kernel:
            return SILENT
        name = FAULT_SIGNALS[number]
        witness = Witness(
            detector=self.detector,
            event=name,
            summary=f"The process is ended by the kernel with {name}",
            blamed=_owner(crash.get("blamed", "target")) if crash else Owner.TARGET,
            frames=frames_of(crash) if crash else (),
        )
        return Seen(Outcome.FIRED, witness)


WATCHES: Mapping[Detector, Watch] = {
    one.detector: one
    for one in (
        CommandExecution(), FileWrite(), FileRead(), Network(), Growth(),
        Hang(), Raised(), Pollution(), Crash(), Invariant(),
    )
}  # fmt: skip
ACTS = frozenset(
    {
        Detector.COMMAND_EXECUTION,
        Detector.FILE_WRITE,
        Detector.FILE_READ,
        Detector.NETWORK,
        Detector.POLLUTION,
    }
)
