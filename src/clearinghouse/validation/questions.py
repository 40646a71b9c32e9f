"""What a machine cannot say, put to a person as one sentence; and what follows from yes and from no."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import Answered, Detector, FindingOutcome, Grade, Judgement, Outcome, Reason

INVARIANT = "invariant"
"""Code of the one question that holds nothing up: whether what the finder says must hold has to hold."""
MOST_SHOWN = 160
_YES_NO = MappingProxyType(
    {
        Reason.DOCUMENTED_USE: (
            "{target}, {fixed} and the newest release all do this: is it a flaw that was never fixed (yes), "
            "or documented use (no)?"
        ),
        Reason.DATA_DECIDES: (
            "{fixed} brought other data and the same code does what is asked with it: was the data of {target} wrong "
            "(yes), or has it only changed (no)?"
        ),
        Reason.FIX_INCOMPLETE: (
            "{fixed}, which should be fixed, still does this and the newest release does not: is the published fix "
            "incomplete (yes), or is this something else (no)?"
        ),
        Reason.CODE_BY_DESIGN: (
            "{fixed} turns this input into code as well: is what was seen on {target} the target's doing (yes), "
            "or does the input branch and act by itself (no)?"
        ),
        Reason.BRANCHES: (
            "A later call needs what an earlier one returns, and {fixed} does not return it: is the last call "
            "dangerous by a flaw of {target} (yes), or an ordinary one (no)?"
        ),
        Reason.NO_BENIGN: (
            "There is no harmless form to compare with: is what was seen on {target} a flaw (yes), "
            "or what the call is for (no)?"
        ),
        Reason.BENIGN_UNLIKE: (
            "The harmless form makes other calls than the proof: is what was seen on {target} a flaw (yes), "
            "or what the call is for (no)?"
        ),
        Reason.BENIGN_FAILS: (
            "The harmless form does not run through, so silence elsewhere says little: is what was seen on {target} "
            "a flaw (yes), or not (no)?"
        ),
        Reason.FLAKY: "{sentence} Is it a flaw of {target} that shows only so often (yes), or chance (no)?",
        Reason.NEEDS_PERSON: (
            "The program passed every control but could not be turned into plain calls: have you read it, and is the "
            "act that of {target} (yes), or the program's own (no)?"
        ),
        Reason.PATCH_ONLY: (
            "No release is fixed; only the report's own patch stops this: is what it stops a flaw of {target} (yes), "
            "or documented use (no)?"
        ),
        Reason.NO_CONTROL: "{sentence} Is what was seen a flaw of {target} (yes), or not (no)?",
    }
)
_OTHERWISE = "{sentence} Is what was seen on {target} a flaw (yes), or not (no)?"
_HOW_MUST = MappingProxyType(
    {
        "must_not_contain": "must not return anything that contains {value}",
        "must_equal": "must return {value}",
        "must_not_inherit": "must not return an object that inherits {value}",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person, to be answered by yes or no."""

    code: str
    """Stable: a reason, or ``invariant``."""
    sentence: str
    holds: bool
    """Whether nothing is published before somebody said yes."""


def question_of(judgement: Judgement) -> Question | None:
    """Return what a person is asked about a finding, answered or not; None where a machine can say it all.

    What never fired is not put to anyone: there the finder has to show more.
    """
    if not any(one.outcome is Outcome.FIRED for one in judgement.runs):
        return None
    if judgement.outcome is FindingOutcome.REFUSED and judgement.answers:
        return Question(judgement.answers[-1].question, judgement.sentence, holds=True)  # to be taken back
    if judgement.outcome not in (FindingOutcome.HELD, FindingOutcome.VALIDATED):
        return None
    if judgement.reason is not None:
        return Question(judgement.reason.value, _asked(judgement, judgement.reason), holds=True)
    if judgement.detector is Detector.INVARIANT:
        sentence = f"Is this so, by what {_version(judgement.target)} promises: {invariant_of(judgement)}"
        return Question(INVARIANT, sentence, holds=False)
    return None


def _asked(judgement: Judgement, reason: Reason) -> str:
    form = _YES_NO.get(reason, _OTHERWISE)
    fixed = _version(judgement.fixed) or "the release it is held against"
    asked = form.format(sentence=judgement.sentence, target=_version(judgement.target), fixed=fixed)
    if judgement.detector is Detector.INVARIANT:
        asked += f" The finder says: {invariant_of(judgement)}"
    return asked


def _version(purl: str) -> str:
    return purl.partition(":")[2].partition("/")[2].replace("%40", "@")


def is_open(judgement: Judgement) -> bool:
    """Say whether a person is asked and has not answered yet; a yes to one question is one to what is left of it."""
    return question_of(judgement) is not None and not judgement.answers


def may_be_published(judgement: Judgement) -> bool:
    """Say whether a case may rest on this finding in public: grade A, or a person has said yes."""
    if judgement.outcome is not FindingOutcome.VALIDATED:
        return False
    return judgement.grade is Grade.A or any(one.yes for one in judgement.answers)


def invariant_of(judgement: Judgement) -> str:
    """Return what the finder says must hold, as a sentence for the maintainer to sign; empty when there is none."""
    fired = next((one for one in judgement.runs if one.witness is not None), None)
    steps: list[Mapping[str, Any]] = list((judgement.document or {}).get("steps") or ())
    index = fired.facts.get("step", 0) if fired else 0
    if fired is None or fired.witness is None or not isinstance(index, int) or not 0 <= index < len(steps):
        return ""
    step, broken = steps[index], fired.witness.event
    if broken == "must_raise":
        named = f" {step['must_raise']}" if isinstance(step.get("must_raise"), str) else " an exception"
        must = f"must raise{named}"
    elif broken in _HOW_MUST:
        must = _HOW_MUST[broken].format(value=_shown(step.get(broken)))
    else:
        return ""
    found = f"; here it {fired.witness.argument}" if broken == "must_raise" and fired.witness.argument else ""
    return f"{_call(step)} {must}{found}."


def _call(step: Mapping[str, Any]) -> str:
    name = next((str(step[kind]) for kind in ("call", "new", "method", "get") if kind in step), "the call")
    given = [_shown(one) for one in step.get("args") or ()]
    given += [f"{key}={_shown(value)}" for key, value in (step.get("kw") or {}).items()]
    written = ", ".join(given)
    return f"{name}({written if len(written) <= MOST_SHOWN else written[:MOST_SHOWN] + ' …'})"


def _shown(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= MOST_SHOWN else f"{written[:MOST_SHOWN]} …"


def accepted_by(answers: Iterable[Answered]) -> frozenset[Reason]:
    """Return what people have said yes to: reasons that hold a proof up no more."""
    known = {one.value for one in Reason}
    return frozenset(Reason(one.question) for one in answers if one.yes and one.question in known)


def with_answers(judgement: Judgement, answers: Sequence[Answered]) -> Judgement:
    """Return the judgement with what people said: a no refuses, a yes stands beside it with its name."""
    question = question_of(replace(judgement, answers=()))
    codes = {question.code} if question else set()
    if judgement.outcome is FindingOutcome.VALIDATED:
        codes |= {reason.value for reason in accepted_by(answers)}
    used = tuple(one for one in answers if one.question in codes)
    said_no = next(
        (one for one in used if not one.yes and question is not None and one.question == question.code), None
    )
    if said_no is not None:
        return _denied(judgement, said_no)
    if not used or judgement.outcome is not FindingOutcome.VALIDATED:
        return judgement
    said = " ".join(f"{one.by} says yes to {one.question!r}: {one.why}" for one in used)
    return replace(judgement, answers=used, sentence=f"{judgement.sentence} {said}")


def _denied(judgement: Judgement, answer: Answered) -> Judgement:
    documented = judgement.reason is Reason.DOCUMENTED_USE
    reason = Reason.DOCUMENTED_USE if documented else Reason.DENIED
    what = "this is documented use" if documented else REASONS[Reason.DENIED].rstrip(".")
    return replace(
        judgement,
        outcome=FindingOutcome.REFUSED,
        grade=None,
        reason=reason,
        sentence=f"{answer.by} says that {what}: {answer.why}" if documented else f"{what} ({answer.by}: {answer.why})",
        answers=(answer,),
    )
