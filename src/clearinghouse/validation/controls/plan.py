"""The controls, in order, as a plan: asks for runs, looks at them, stops at the first refusal.

``plan`` is pure: it yields the starts it wants next and is sent the runs, so the same plan serves the server, the
command line, a resumed clearing and ``verify``. Source: ``docs/guide/how-we-judge.md``.
"""

from collections.abc import Callable, Generator, Sequence

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.fixed import FIXED_RUNS, held_values, look_again, look_at_fixed
from clearinghouse.validation.controls.notes import TIMED, Notes, Setting, Stop, ask, control_variant, still_fires
from clearinghouse.validation.controls.swap import look_at_swap
from clearinghouse.validation.detectors import CLEAN
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    Detector,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    Reason,
    Run,
    Said,
    VariantName,
)

REPEATS = 5
ALWAYS_ASKED = (
    ControlName.SHOWS,
    ControlName.BLAME,
    ControlName.BENIGN,
    ControlName.FIXED,
    ControlName.NULLS,
    ControlName.SWAP,
    ControlName.TOKEN,
    ControlName.REPEAT,
)
SECOND_LOOKS = 4
"""When the first run is silent: so many more before we say that it never shows."""


type Plan = Generator[Sequence[Start], Sequence[Run], Judgement]


def plan(proof: Proof, setting: Setting) -> Plan:
    """Return the plan for one proof; drive it with ``send(runs)`` until it returns the judgement."""
    notes = Notes([], [])
    try:
        first = yield from _shows(proof, notes)
        if setting.fixed:
            yield from _cheap(proof, setting, notes, first)
            yield from _deep(proof, setting, notes, first)
        else:
            yield from _without_fixed(proof, notes)
        yield from _repeat(notes, first)
    except Stop as stop:
        return _judgement(proof, notes, stop.outcome, grade=stop.grade, reason=stop.reason, sentence=stop.sentence)
    return _final(proof, setting, notes)


def _shows(proof: Proof, notes: Notes) -> Generator[Sequence[Start], Sequence[Run], Run]:
    """Run the proof on the vulnerable release; it must show, and the target must be to blame."""
    (run,) = yield from ask(notes, [Start(VariantName.VULNERABLE)])
    if run.outcome is Outcome.SILENT and proof.detector in TIMED:
        (run,) = yield from ask(notes, [Start(VariantName.VULNERABLE, number=10)])
    if run.outcome is Outcome.COULD_NOT_RUN:
        raise _cannot(run)
    if run.outcome is Outcome.SILENT:
        more = yield from ask(notes, [Start(VariantName.VULNERABLE, number=n) for n in range(1, 1 + SECOND_LOOKS)])
        fired = sum(one.outcome is Outcome.FIRED for one in more)
        if fired:
            sentence = f"The proof shows in {fired} of {1 + len(more)} runs on the same release."
            notes.say(ControlName.SHOWS, Said.FAILED, sentence)
            raise Stop(FindingOutcome.HELD, Reason.FLAKY, sentence=sentence)
        notes.say(ControlName.SHOWS, Said.FAILED, f"silent in {1 + len(more)} of {1 + len(more)} runs")
        only_speaks = proof.form.mode == "program"
        raise Stop(FindingOutcome.REFUSED, Reason.ONLY_SPEAKS if only_speaks else Reason.NEVER_SHOWS)
    notes.say(ControlName.SHOWS, Said.PASSED, run.witness.summary if run.witness else "")
    if run.witness is None or run.witness.blamed not in CLEAN:
        who = run.witness.blamed.value if run.witness else "nobody"
        notes.say(ControlName.BLAME, Said.FAILED, f"the innermost frame that is not library code belongs to: {who}")
        raise Stop(FindingOutcome.REFUSED, Reason.FINDERS_ACT)
    notes.say(ControlName.BLAME, Said.PASSED, f"blamed on: {run.witness.blamed.value}")
    return run


def _cannot(run: Run) -> Stop:
    """Return what follows when the proof cannot even run on the vulnerable release."""
    fault = str(run.facts.get("fault", ""))
    if fault == "leaves-target":
        return Stop(
            FindingOutcome.REFUSED, Reason.LEAVES_TARGET, sentence=f"{REASONS[Reason.LEAVES_TARGET]} ({run.why})"
        )
    if fault in ("bad-document", "no-such-call", "unsupported"):
        return Stop(FindingOutcome.REFUSED, Reason.BAD_DOCUMENT, sentence=f"{REASONS[Reason.BAD_DOCUMENT]} ({run.why})")
    if fault == "import-failed":
        return Stop(
            FindingOutcome.NOT_JUDGED, Reason.NO_INTERPRETER, sentence=f"{REASONS[Reason.NO_INTERPRETER]} ({run.why})"
        )
    if run.facts.get("unclear"):
        return Stop(FindingOutcome.HELD, Reason.FLAKY, sentence=f"The proof is not clear on the release: {run.why}.")
    if run.why.startswith("it ran out of time"):
        return Stop(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, sentence=f"{REASONS[Reason.NEVER_SHOWS]} ({run.why})")
    return Stop(
        FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE, sentence=f"{REASONS[Reason.INFRASTRUCTURE]} ({run.why})"
    )


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
    _look_at_benign(proof, notes, benign)
    yield from look_at_fixed(proof, setting, notes, first, fixed)
    both = [one.outcome for one in (returns, raises)]
    if all(one is Outcome.FIRED for one in both):
        notes.say(ControlName.NULLS, Said.FAILED, "shows on a target that returns nothing and on one that raises")
        raise Stop(FindingOutcome.REFUSED, Reason.SHOWS_ON_NULLS)
    possible = [one for one in both if one is not Outcome.COULD_NOT_RUN]
    notes.say(
        ControlName.NULLS,
        Said.PASSED if possible else Said.NOT_POSSIBLE,
        f"returning nothing: {both[0].value}; raising: {both[1].value}",
    )


def _look_at_benign(proof: Proof, notes: Notes, benign: Sequence[Run]) -> None:
    if proof.benign is None:
        notes.say(ControlName.BENIGN, Said.NOT_POSSIBLE, "the report has no harmless form of the proof")
        raise Stop(FindingOutcome.HELD, Reason.NO_BENIGN)
    for one in benign:
        where = f"on {one.version} ({one.variant.value})"
        if one.outcome is Outcome.FIRED:
            notes.say(ControlName.BENIGN, Said.FAILED, f"the harmless form fires {where}")
            raise Stop(FindingOutcome.REFUSED, Reason.BENIGN_FIRES)
        if not ran_through(one, proof.benign):
            failed = next((f"step {step.index} raises {step.raised}" for step in one.steps if not step.ok), one.why)
            notes.say(ControlName.BENIGN, Said.FAILED, f"the harmless form does not run through {where}: {failed}")
            raise Stop(
                FindingOutcome.HELD, Reason.BENIGN_FAILS, sentence=f"{REASONS[Reason.BENIGN_FAILS]} ({where}: {failed})"
            )
    notes.say(ControlName.BENIGN, Said.PASSED, "runs through and is silent on both releases")


def _deep(proof: Proof, setting: Setting, notes: Notes, first: Run) -> Generator[Sequence[Start], Sequence[Run], None]:
    """The fixed release twice more (with held values where steps use results), identity swap, another token."""
    control = control_variant(setting)
    hold = held_values(proof, first)
    starts = [Start(control, number=n, hold=hold) for n in range(1, FIXED_RUNS)]
    starts.append(Start(VariantName.TOKEN))
    swap = setting.identities is not None
    if swap:
        starts += [Start(VariantName.SWAP_TO_FIXED), Start(VariantName.SWAP_TO_VULNERABLE)]
        starts += [Start(one.variant, benign=True) for one in starts[-2:]]
    runs = yield from ask(notes, starts)
    again, rest = runs[: FIXED_RUNS - 1], runs[FIXED_RUNS - 1 :]
    yield from look_again(proof, setting, notes, first, list(again), held=bool(hold))
    token, *swapped = rest
    if not still_fires(token):
        if proof.detector is Detector.GROWTH:
            (token,) = yield from ask(notes, [Start(VariantName.TOKEN, number=1)])
        if not still_fires(token):
            notes.say(ControlName.TOKEN, Said.FAILED, "silent with another token in another place")
            raise Stop(FindingOutcome.REFUSED, Reason.FOLLOWS_TOKEN)
    notes.say(ControlName.TOKEN, Said.PASSED, "fires with another token of another length in another place")
    if swap:
        yield from look_at_swap(proof, notes, first, swapped)
    else:
        notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, "a patched release has no identity of its own")


def _without_fixed(proof: Proof, notes: Notes) -> Generator[Sequence[Start], Sequence[Run], None]:
    """No fixed release and no patch: nulls, benign and token still stand; the grade is C at best."""
    starts = [
        Start(VariantName.NULL_RETURNS, null="returns"),
        Start(VariantName.NULL_RAISES, null="raises"),
        Start(VariantName.TOKEN),
    ]
    if proof.benign is not None:
        starts.append(Start(VariantName.VULNERABLE, benign=True))
    returns, raises, token, *benign = yield from ask(notes, starts)
    _look_at_benign(proof, notes, benign)
    if returns.outcome is Outcome.FIRED and raises.outcome is Outcome.FIRED:
        notes.say(ControlName.NULLS, Said.FAILED, "shows on a target that returns nothing and on one that raises")
        raise Stop(FindingOutcome.REFUSED, Reason.SHOWS_ON_NULLS)
    notes.say(ControlName.NULLS, Said.PASSED, f"{returns.outcome.value}, {raises.outcome.value}")
    if not still_fires(token):
        notes.say(ControlName.TOKEN, Said.FAILED, "silent with another token in another place")
        raise Stop(FindingOutcome.REFUSED, Reason.FOLLOWS_TOKEN)
    notes.say(ControlName.TOKEN, Said.PASSED, "fires with another token of another length in another place")
    notes.say(ControlName.FIXED, Said.NOT_POSSIBLE, "there is neither a fixed release nor a patch that passed")


def _repeat(notes: Notes, first: Run) -> Generator[Sequence[Start], Sequence[Run], None]:
    runs = yield from ask(notes, [Start(VariantName.VULNERABLE, number=n) for n in range(1, REPEATS)])
    missed = [one for one in runs if one.outcome is not Outcome.FIRED]
    if missed and first.points:  # timing: a loaded machine, not the proof; each missed run once more
        again = yield from ask(notes, [Start(VariantName.VULNERABLE, number=20 + one.number) for one in missed])
        missed = [one for one in again if one.outcome is not Outcome.FIRED]
    fired = REPEATS - len(missed)
    sentence = f"The proof shows in {fired} of {REPEATS} runs on the same release."
    notes.say(ControlName.REPEAT, Said.FAILED if missed else Said.PASSED, sentence)
    if missed:
        raise Stop(FindingOutcome.HELD, Reason.FLAKY, sentence=sentence)


def _final(proof: Proof, setting: Setting, notes: Notes) -> Judgement:
    """Grade what passed everything that was possible."""
    reason: Reason | None = None
    if not setting.fixed:
        grade, reason = Grade.C, Reason.NO_CONTROL
    elif setting.program:
        grade, reason = Grade.B, Reason.NEEDS_PERSON
    else:
        grade = Grade.A_PATCH if setting.patched else Grade.A
    sentence = REASONS[reason] if reason else notes.controls[0].why
    return _judgement(proof, notes, FindingOutcome.VALIDATED, grade=grade, reason=reason, sentence=sentence)


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


def drive(steps: Plan, run: Callable[[Sequence[Start]], Sequence[Run]]) -> Judgement:
    """Drive a plan to its judgement with ``run``, which answers in the order asked."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(run(wanted))
    except StopIteration as end:
        judgement = end.value
        if not isinstance(judgement, Judgement):
            raise TypeError(f"a plan returned {type(judgement).__name__}") from None
        return judgement
