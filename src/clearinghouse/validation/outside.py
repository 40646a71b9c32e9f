"""What an observer outside the process says of an act: whether the kernel was really asked to do it.

Our hook lives in the same process as the proof, and so can be lied to. The observer cannot: it sees the system calls
themselves. Two things follow. A record without the call is no act. And a call with our token that no hook recorded was
made below the hook, by compiled code or by a child; in a run without code of the finder's that is the target's doing.

It sees *that* something was done, never *for whom*: blame stays with the hook. Pure: nothing here starts anything.
Source: ``docs/decisions/0066-what-the-observer-decides.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clearinghouse.sandbox.profile import Call, Ended, Kind, Observed, Watching
from clearinghouse.validation.brief import Form
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Frame, Owner, Witness

KINDS: Mapping[Detector, Kind] = {
    Detector.COMMAND_EXECUTION: Kind.EXEC,
    Detector.FILE_READ: Kind.READS,
    Detector.FILE_WRITE: Kind.WRITES,
    Detector.NETWORK: Kind.NETWORK,
}
"""What the observer is asked to look at, by detector; for the others nobody observes."""

FOUND: Mapping[Detector, str] = {
    Detector.COMMAND_EXECUTION: "exec",
    Detector.FILE_READ: "read",
    Detector.FILE_WRITE: "write",
    Detector.NETWORK: "connect",
}

CERTAIN: frozenset[str] = frozenset(
    {"os.system", "os.exec", "os.posix_spawn", "pty.spawn", "open"}
    | {f"os.{one}" for one in ("mkdir", "remove", "rename", "rmdir", "symlink", "link", "truncate", "chmod", "utime")}
)
"""Events of the Python hook after which the kernel is asked at once, whatever comes of it."""

LIKELY: frozenset[str] = frozenset(
    {"subprocess.Popen"}
    | {f"child_process.{one}" for one in ("exec", "execFile", "fork", "spawn", "execSync", "execFileSync", "spawnSync")}
    | {
        f"fs.{one}"
        for name in ("open", "readFile", "writeFile", "appendFile", "mkdir", "rename", "symlink")
        for one in (name, f"{name}Sync", f"promises.{name}")
    }
)
"""Events that can still end before the kernel is asked, when another argument is wrong (a working directory that is
missing); then nothing was done either.

All other events may end by themselves in honest ways: a name look-up, a file that is removed only if it is there.
"""

ONE_START_EACH: frozenset[str] = frozenset({"os.system", "os.exec"})
"""Events of which each starts a program of its own: more of them than programs started is one too many."""

SUMMARY: Mapping[Detector, str] = {
    Detector.COMMAND_EXECUTION: "The target starts a process of the attacker's choice, below what our hook sees:",
    Detector.FILE_READ: "The target reads a file outside the folder it was given, below what our hook sees:",
    Detector.FILE_WRITE: "The target writes outside the folder it was given, below what our hook sees:",
    Detector.NETWORK: "The target contacts a host of the attacker's choice, below what our hook sees:",
}


class Outside(StrEnum):
    """What the observer says of the act that a run rests on."""

    SEEN = "seen"
    """The kernel was asked to do it."""
    BELOW = "below"
    """The kernel was asked, and no hook saw it."""
    UNSEEN = "unseen"
    """The hook saw it, and the kernel was never asked."""
    NOT_POSSIBLE = "not-possible"


@dataclass(frozen=True, slots=True)
class Compared:
    """The hook's word beside the observer's."""

    said: Outside
    why: str
    forged: bool = False
    """The record cannot have been made by an honest act."""

    def fact(self) -> dict[str, str]:
        """Return it as a fact of a run."""
        return {"said": self.said.value, "why": self.why}


def watching(detector: Detector, form: Form, token: str) -> Watching | None:
    """Return what the observer is to look at in a run; nothing where there is no hook to be compared with."""
    kind = KINDS.get(detector)
    if kind is None or form.mode == "record":
        return None
    return Watching(frozenset({kind}), needle=token, folder=f"/job/zone-{token}")


def calls_of(detector: Detector, records: Records, ended: Ended) -> list[tuple[Call, int]]:
    """Return the calls that carry our token and came after the start, each with the index of the step that ran."""
    found = []
    for call in ended.observed.calls if ended.observed else ():
        before = records.items[: ended.records[: call.after].count(b"\n")]
        ready = any(one.get("t") == "ready" for one in before)
        if ready and call.kind == FOUND[detector]:
            found.append((call, sum(one.get("t") == "step" for one in before)))
    return found


def compare(detector: Detector, event: str, form: Form, records: Records, ended: Ended) -> Compared:
    """Return what the observer says of an act that the hook recorded as ``event``."""
    observed = ended.observed or Observed(why="this sandbox has no observer")
    if observed.why or not observed.looked:
        return Compared(Outside.NOT_POSSIBLE, observed.why or "the observer saw no call at all")
    seen = len(calls_of(detector, records, ended))
    whole = not observed.blind and not observed.left_out and not ended.cut and records.ended and ended.signal is None
    certain = form.mode == "program" and event in CERTAIN
    acts = [one for one in records.of("act") if one.get("detector") == detector and one.get("token")]
    starts = sum(one.get("event") in ONE_START_EACH for one in acts)
    if seen and whole and event in ONE_START_EACH and starts > seen:
        why = f"{starts} programs were reported to be started, but the kernel was asked for {seen}"
        return Compared(Outside.UNSEEN, why, forged=certain)
    if seen:
        return Compared(Outside.SEEN, "the kernel was asked to do it")
    if event not in CERTAIN | LIKELY:
        return Compared(Outside.NOT_POSSIBLE, f"{event or 'this event'} may end before the kernel is asked")
    if not whole:
        return Compared(Outside.NOT_POSSIBLE, "the observer did not see all of this run")
    return Compared(Outside.UNSEEN, f"{event} was reported, but the kernel was never asked to do it", forged=certain)


def witness_below(detector: Detector, form: Form, records: Records, ended: Ended, *, token: str) -> Witness | None:
    """Return the witness of an act that no hook saw, blamed on the step that ran; None when there was none.

    Beside a program, or code that the target returned, it cannot be told who asked for it: the blame is unknown.
    """
    found = calls_of(detector, records, ended)
    if not found:
        return None
    call, index = found[0]
    steps = form.steps()
    called = ""
    if form.mode == "calls" and steps:
        step = steps[min(index, len(steps) - 1)]
        called = str(step.get("call") or step.get("method") or step.get("new") or step.get("get") or "")
    known = form.mode in {"calls", "input"} and not (form.document or {}).get("returned_code")
    return Witness(
        detector=detector,
        event=call.name,
        summary=f"{SUMMARY[detector]} {call.name}",
        blamed=Owner.TARGET if known else Owner.UNKNOWN,
        frames=(Frame(Owner.TARGET, "", called, "", 0),) if known and called else (),
        argument=call.text.replace(token, "<token>")[:200],
    )
