"""The controls, in order, as a plan: asks for runs, looks at them, stops at the first refusal.

``plan`` is pure: it yields the starts it wants next and is sent the runs, so the same plan serves the server, the
command line, a resumed clearing and ``verify``. Source: ``docs/guide/how-we-judge.md``.
"""

from collections.abc import Callable, Generator, Sequence

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.benign import look_at_benign
from clearinghouse.validation.controls.change import look_at_change, look_at_data
from clearinghouse.validation.controls.exchange import look_at_exchange
from clearinghouse.validation.controls.fixed import FIXED_RUNS, held_values, look_again, look_at_fixed
from clearinghouse.validation.controls.notes import (
    Notes,
    Setting,
    Stop,
    ask,
    control_variant,
    cut_off,
    hold,
    outside_of,
    still_fires,
)
from clearinghouse.validation.controls.repeat import (
    fires_at_all,
    firing_of,
    hold_as_flaky,
    is_busy,
    look_until_settled,
    next_number,
)
from clearinghouse.validation.controls.swap import look_at_swap
from clearinghouse.validation.controls.text import look_at_text, text_starts
from clearinghouse.validation.detectors import CLEAN
from clearinghouse.validation.launch import FLOODS, OUT_OF_TIME, Start
from clearinghouse.validation.outside import Outside
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    Owner,
    Reason,
    Run,
    Said,
    VariantName,
)

ALWAYS_ASKED = (
    ControlName.SHOWS,
    ControlName.BLAME,
    ControlName.BENIGN,
    ControlName.FIXED,
    ControlName.NULLS,
    ControlName.SWAP,
    ControlName.REPRINT,
    ControlName.GRAFT,
    ControlName.TOKEN,
    ControlName.REPEAT,
)


type Plan = Generator[Sequence[Start], Sequence[Run], Judgement]


def plan(proof: Proof, setting: Setting) -> Plan:
    """Return the plan for one proof; drive it with ``send(runs)`` until it returns the judgement."""
    notes = Notes([], [])
    try:
        first = yield from _shows(proof, setting, notes)
        if setting.program:  # it may have chance in it, and no control of such a one says anything
            yield from _repeat(proof, setting, notes)
        if setting.fixed:
            yield from _cheap(proof, setting, notes, first)
            yield from look_at_exchange(proof, setting, notes, first)
            yield from _deep(proof, setting, notes, first)
        else:
            yield from _without_fixed(proof, setting, notes, first)
        if not setting.program:
            yield from _repeat(proof, setting, notes)
    except Stop as stop:
        return _judgement(proof, notes, stop.outcome, grade=stop.grade, reason=stop.reason, sentence=stop.sentence)
    return _final(proof, setting, notes)


def _shows(proof: Proof, setting: Setting, notes: Notes) -> Generator[Sequence[Start], Sequence[Run], Run]:
    """Run the proof on the vulnerable release; it must show, and the target must be to blame."""
    (run,) = yield from ask(notes, [Start(VariantName.VULNERABLE)])
    if run.outcome is Outcome.COULD_NOT_RUN:
        raise _cannot(run, notes)
    if run.outcome is Outcome.SILENT:
        firing = yield from look_until_settled(proof, notes, VariantName.VULNERABLE, ControlName.SHOWS)
        if not firing.fired and not any(one.outcome is Outcome.FIRED for one in notes.runs):
            notes.say(ControlName.SHOWS, Said.FAILED, f"silent in {firing.runs} of {firing.runs} runs")
            raise _nothing_seen(proof, run)
        if firing.is_mixed():
            hold_as_flaky(notes, setting, ControlName.SHOWS, firing)
        run = next(one for one in notes.runs if one.outcome is Outcome.FIRED)
    notes.say(ControlName.SHOWS, Said.PASSED, run.witness.summary if run.witness else "")
    _look_outside(setting, notes, run)
    blamed = _look_at_blame(setting, notes, run)
    if run.witness and run.facts.get("answers"):
        why = f"{run.witness.event} is how the target itself says no to what it does not take"
        notes.say(ControlName.BLAME, Said.FAILED, why)
        sentence = f"{why[0].upper()}{why[1:]}: documented behaviour, or a flaw. A person must say which."
        hold(notes, setting, Reason.DOCUMENTED_USE, sentence=sentence)
    if run.facts.get("changed"):
        notes.say(ControlName.BLAME, Said.FAILED, f"the program changed {run.facts['changed']} before the act")
        sentence = f"{REASONS[Reason.CHANGES_TARGET]} ({run.facts['changed']})"
        hold(notes, setting, Reason.CHANGES_TARGET, sentence=sentence)
    if blamed in CLEAN:
        notes.say(ControlName.BLAME, Said.PASSED, f"blamed on: {blamed.value}")
    return run


def _look_at_blame(setting: Setting, notes: Notes, run: Run) -> Owner:
    """Return who is to blame for what was seen; refuse the proof's own act, and hold what can be put down to nobody."""
    blamed = run.witness.blamed if run.witness else Owner.FINDER
    if blamed in CLEAN:
        return blamed
    why = f"the innermost frame that is not library code belongs to: {blamed.value}"
    notes.say(ControlName.BLAME, Said.FAILED, why)
    if blamed is not Owner.UNKNOWN:
        raise Stop(FindingOutcome.REFUSED, Reason.FINDERS_ACT)
    if Reason.BELOW_HOOK not in notes.accepted:  # a person who said yes to that has said whose act it was
        hold(notes, setting, Reason.NOBODY_BLAMED)
    return blamed


def _nothing_seen(proof: Proof, run: Run) -> Stop:
    """Return what follows when nothing fired in any run."""
    if proof.form.mode != "program":
        return Stop(FindingOutcome.REFUSED, Reason.NEVER_SHOWS)
    if not all(one.ok for one in run.steps):
        sentence = f"{REASONS[Reason.PROGRAM_DIES]} ({run.why})"
        return Stop(FindingOutcome.REFUSED, Reason.PROGRAM_DIES, sentence=sentence)
    if run.facts.get("child"):
        sentence = f"{REASONS[Reason.OTHER_PROCESS]} ({run.facts['child']})"
        return Stop(FindingOutcome.HELD, Reason.OTHER_PROCESS, sentence=sentence)
    return Stop(FindingOutcome.REFUSED, Reason.ONLY_SPEAKS)


def _look_outside(setting: Setting, notes: Notes, run: Run) -> None:
    """Hold what the hook alone saw, and what the observer outside alone saw where nobody can be blamed."""
    said, why = outside_of(run)
    match said:
        case Outside.UNSEEN:
            notes.say(ControlName.SEEN_OUTSIDE, Said.FAILED, why)
            hold(notes, setting, Reason.UNSEEN_ACT, sentence=f"{REASONS[Reason.UNSEEN_ACT]} ({why})")
        case Outside.NOT_POSSIBLE:
            notes.say(ControlName.SEEN_OUTSIDE, Said.NOT_POSSIBLE, why)
        case Outside.SEEN | Outside.BELOW:
            notes.say(ControlName.SEEN_OUTSIDE, Said.PASSED, why)
    if said is Outside.BELOW and run.witness is not None and run.witness.blamed is Owner.UNKNOWN:
        notes.say(ControlName.BLAME, Said.FAILED, "an act below the hook, beside code of the finder's")
        hold(notes, setting, Reason.BELOW_HOOK)


def _cannot(run: Run, notes: Notes) -> Stop:
    """Return what follows when the proof cannot even run on the vulnerable release."""
    outcome, reason = FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE
    fault = str(run.facts.get("fault", ""))
    if fault in _FAULTS:
        outcome, reason = _FAULTS[fault]
    elif all(one.facts.get("beside_grows") for one in notes.runs):
        notes.say(ControlName.BENIGN, Said.FAILED, run.why)
        outcome, reason = FindingOutcome.REFUSED, Reason.BENIGN_FIRES
    elif run.facts.get("unclear") and not is_busy(run):
        outcome, reason = FindingOutcome.HELD, Reason.FLAKY
    elif run.why in (OUT_OF_TIME, FLOODS):
        outcome, reason = FindingOutcome.REFUSED, Reason.NEVER_SHOWS
    return Stop(outcome, reason, sentence=f"{REASONS[reason]} ({run.why})")


_FAULTS = {
    "leaves-target": (FindingOutcome.REFUSED, Reason.LEAVES_TARGET),
    "bad-document": (FindingOutcome.REFUSED, Reason.BAD_DOCUMENT),
    "no-such-call": (FindingOutcome.REFUSED, Reason.BAD_DOCUMENT),
    "unsupported": (FindingOutcome.NOT_JUDGED, Reason.UNSUPPORTED),
    "import-failed": (FindingOutcome.NOT_JUDGED, Reason.NO_INTERPRETER),
}
"""What the runner says is wrong for good, and what follows from it."""


def _cheap(proof: Proof, setting: Setting, notes: Notes, first: Run) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Benign on both, the fixed release once, both nulls."""
    control = control_variant(setting)
    starts = [
        Start(control),
        Start(VariantName.NULL_RETURNS, null="returns"),
        Start(VariantName.NULL_RAISES, null="raises"),
    ]
    if proof.benign is not None:
        starts += [Start(VariantName.VULNERABLE, benign=True), Start(control, benign=True)]
    fixed, returns, raises, *benign = yield from ask(notes, starts)
    yield from look_at_benign(proof, setting, notes, first, benign)
    yield from look_at_fixed(proof, setting, notes, first, fixed)
    _look_at_nulls(notes, returns, raises)


def _look_at_nulls(notes: Notes, returns: Run, raises: Run) -> None:
    """Refuse what shows on both targets that do nothing; the control passes only when both really ran."""
    if returns.outcome is Outcome.FIRED and raises.outcome is Outcome.FIRED:
        notes.say(ControlName.NULLS, Said.FAILED, "shows on a target that returns nothing and on one that raises")
        raise Stop(FindingOutcome.REFUSED, Reason.SHOWS_ON_NULLS)
    ran = Outcome.COULD_NOT_RUN not in (returns.outcome, raises.outcome)
    why = f"returning nothing: {returns.outcome.value}; raising: {raises.outcome.value}"
    notes.say(ControlName.NULLS, Said.PASSED if ran else Said.NOT_POSSIBLE, why)


def _deep(proof: Proof, setting: Setting, notes: Notes, first: Run) -> Generator[Sequence[Start], Sequence[Run], None]:
    """The fixed release twice more (with held values where steps use results), swap, reprint, graft, another token."""
    control = control_variant(setting)
    hold = held_values(proof, first)
    starts = [Start(control, number=n, hold=hold) for n in range(1, FIXED_RUNS)]
    starts.append(Start(VariantName.TOKEN))
    swap = setting.identities is not None
    if swap:
        starts += [Start(VariantName.SWAP_TO_FIXED), Start(VariantName.SWAP_TO_VULNERABLE)]
        starts += [Start(one.variant, benign=True) for one in starts[-2:]]
    text = text_starts(proof, (VariantName.REPRINT, VariantName.GRAFT))
    runs = yield from ask(notes, [*starts, *text])
    runs, texts = runs[: len(starts)], runs[len(starts) :]
    again, rest = runs[: FIXED_RUNS - 1], runs[FIXED_RUNS - 1 :]
    yield from look_again(proof, setting, notes, first, list(again), held=bool(hold))
    token, *swapped = rest
    yield from _look_at_token(proof, setting, notes, token)
    if swap:
        yield from look_at_swap(proof, setting, notes, first, swapped)
    else:
        notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, "a patched release has no identity of its own")
    yield from look_at_text(proof, setting, notes, first, texts)
    if setting.data_files:
        yield from look_at_data(proof, setting, notes, first)
    if setting.far:
        yield from look_at_change(proof, setting, notes, first)


def _look_at_token(
    proof: Proof, setting: Setting, notes: Notes, token: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    if token.outcome is Outcome.COULD_NOT_RUN:
        raise cut_off(notes, ControlName.TOKEN, token)
    fires = still_fires(token)
    if not fires:
        fires = yield from fires_at_all(proof, setting, notes, VariantName.TOKEN, ControlName.TOKEN)
    if fires:
        notes.say(ControlName.TOKEN, Said.PASSED, "fires with another token of another length in another place")
        return
    fires = yield from _fires_with_token_alike(proof, notes)
    if not fires:
        notes.say(ControlName.TOKEN, Said.FAILED, "silent with another token in another place")
        raise Stop(FindingOutcome.REFUSED, Reason.FOLLOWS_TOKEN)
    why = "fires with other tokens of this length in other places; input that states lengths is silent with another one"
    notes.say(ControlName.TOKEN, Said.PASSED, why)


def _fires_with_token_alike(proof: Proof, notes: Notes) -> Generator[Sequence[Start], Sequence[Run], bool]:
    """Say whether the proof fires with two tokens of one length: each run has its own, in a place of its own.

    An archive or a serialized object says how long what it holds is: a longer token breaks it, whoever wrote it.
    """
    variant = VariantName.VULNERABLE
    if firing_of(proof, notes.runs, variant).fired == 1:
        yield from ask(notes, [Start(variant, number=next_number(notes, variant))])
    return firing_of(proof, notes.runs, variant).fired > 1


def _without_fixed(
    proof: Proof, setting: Setting, notes: Notes, first: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """No fixed release and no patch: nulls, benign, reprint and token still stand; the grade is C at best."""
    starts = [
        Start(VariantName.NULL_RETURNS, null="returns"),
        Start(VariantName.NULL_RAISES, null="raises"),
        Start(VariantName.TOKEN),
    ]
    if proof.benign is not None:
        starts.append(Start(VariantName.VULNERABLE, benign=True))
    text = text_starts(proof, (VariantName.REPRINT,))
    runs = yield from ask(notes, [*starts, *text])
    returns, raises, token, *benign = runs[: len(starts)]
    yield from look_at_benign(proof, setting, notes, first, benign)
    _look_at_nulls(notes, returns, raises)
    yield from _look_at_token(proof, setting, notes, token)
    yield from look_at_text(proof, setting, notes, first, runs[len(starts) :])
    why = setting.removed or "there is neither a fixed release nor a patch that passed"
    notes.say(ControlName.FIXED, Said.NOT_POSSIBLE, why)


def _repeat(proof: Proof, setting: Setting, notes: Notes) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Run it until it is settled how often it shows: each time, or it waits for a person."""
    known = firing_of(proof, notes.runs, VariantName.VULNERABLE)
    if known.is_mixed():
        return  # a person has said yes to how often it shows
    firing = yield from look_until_settled(proof, notes, VariantName.VULNERABLE, ControlName.REPEAT)
    if firing.is_mixed():
        hold_as_flaky(notes, setting, ControlName.REPEAT, firing)
        return
    notes.say(ControlName.REPEAT, Said.PASSED, f"The proof shows in {firing.in_words()}, on the same release.")


def _final(proof: Proof, setting: Setting, notes: Notes) -> Judgement:
    """Grade what passed everything that was possible."""
    reason: Reason | None = None
    left = [one for one in notes.controls if one.said is Said.NOT_POSSIBLE and one.name not in _spared(setting)]
    if notes.accepted:
        grade, reason = Grade.C, notes.accepted[0]
    elif not setting.fixed or left:
        grade, reason = Grade.C, Reason.NO_CONTROL
    elif setting.program:
        grade, reason = Grade.B, Reason.NEEDS_PERSON
    else:
        grade = Grade.A_PATCH if setting.patched else Grade.A
        reason = Reason.PATCH_ONLY if setting.patched else None
    sentence = REASONS[reason] if reason else notes.controls[0].why
    if setting.fixed and left and not notes.accepted:
        sentence = f"The proof shows, but a control was not possible: {left[0].name.value} ({left[0].why})."
    elif setting.removed:
        sentence = f"{sentence} ({setting.removed})"
    return _judgement(proof, notes, FindingOutcome.VALIDATED, grade=grade, reason=reason, sentence=sentence)


def _spared(setting: Setting) -> frozenset[ControlName]:
    """Return the controls that may be impossible without weakening the grade.

    A patched release has one name only. An observer outside is a second look at what the hook saw. Data cannot read the
    target's sources: that a package has none, or that two releases cannot be mixed, takes nothing from it. A program
    can, so there they count.
    """
    spared = {ControlName.CHANGE, ControlName.SEEN_OUTSIDE}
    if setting.patched:
        spared.add(ControlName.SWAP)
    if not setting.program:
        spared |= {ControlName.REPRINT, ControlName.GRAFT}
    return frozenset(spared)


def _judgement(
    proof: Proof,
    notes: Notes,
    outcome: FindingOutcome,
    *,
    grade: Grade | None,
    reason: Reason | None,
    sentence: str,
) -> Judgement:
    fired = next((one for one in notes.runs if one.variant is VariantName.VULNERABLE and one.witness), None)
    done = {one.name for one in notes.controls}
    rest = [
        Control(name, Said.NOT_RUN, "an earlier control had already decided")
        for name in ALWAYS_ASKED
        if name not in done
    ]
    return Judgement(
        outcome=outcome,
        grade=grade,
        reason=reason,
        sentence=sentence,
        detector=proof.detector,
        proof_kind=proof.kind,
        controls=(*notes.controls, *rest),
        runs=tuple(notes.runs),
        state=fired.witness.state() if fired and fired.witness else (),
        sink=fired.witness.event if fired and fired.witness else "",
        tier=notes.runs[0].tier if notes.runs else "",
        interpreter=notes.runs[0].interpreter if notes.runs else "",
        document=dict(proof.form.document) if proof.form.document else None,
    )


def drive[R](steps: Generator[Sequence[Start], Sequence[Run], R], run: Callable[[Sequence[Start]], Sequence[Run]]) -> R:
    """Drive a plan to what it returns with ``run``, which answers in the order asked."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(run(wanted))
    except StopIteration as end:
        found: R = end.value
        return found
