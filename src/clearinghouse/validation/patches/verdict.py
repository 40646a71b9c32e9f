"""What the checks of a patch come to: refused, held for a person, passed, or not run; pure.

Source of the rule: ``docs/guide/how-we-judge.md``, "Patches"; docs/decisions/0077.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from clearinghouse.validation.rules import PatchCheck, PatchSaid, Said


class CheckName(StrEnum):
    """The checks, in the order in which they are run and told."""

    APPLIES = "applies"
    SUBSTANCE = "substance"
    PROOF_STOPS = "proof-stops"
    NO_NEW_CRASH = "no-new-crash"
    MUTANTS = "mutants"
    KNOWN_VARIANTS = "known-variants"
    BENIGN_STAYS = "benign-stays"
    NAMES_STAY = "names-stay"
    WORDS = "words"
    LITERALS = "literals"
    BUILD = "build"
    HUNKS = "hunks"
    HUNKS_NEEDED = "hunks-needed"
    TWINS = "twins"
    PUBLISHED_FIX = "published-fix"
    NEAR_INPUTS = "near-inputs"
    REPORT_TEST = "report-test"
    PROJECT_TESTS = "project-tests"
    DOCTESTS = "doctests"


REFUSE: Mapping[CheckName, str] = {
    CheckName.APPLIES: "The patch cannot be applied",
    CheckName.SUBSTANCE: "The patch changes nothing that runs",
    CheckName.PROOF_STOPS: "The patch does not stop the proof",
    CheckName.NO_NEW_CRASH: "The patch lets the process die where it lived before",
    CheckName.MUTANTS: "The patch stops the proof, but not the same act in another form",
    CheckName.KNOWN_VARIANTS: "The patch stops the proof, but not one that is known already",
}
"""What refuses a patch by itself, and how the sentence begins; any other check that fails holds it for a person."""
NEEDED = (CheckName.PROOF_STOPS, CheckName.BENIGN_STAYS)
"""Without these nothing was checked at all."""
WANTED = (CheckName.MUTANTS,)
"""Without these a patch is not passed by the machine alone."""


def conclude(checks: Sequence[PatchCheck]) -> tuple[PatchSaid, str]:
    """Return what the checks come to, and the sentence for it."""
    said = {one.name: one for one in checks}
    for name, sentence in REFUSE.items():
        check = said.get(name)
        if check is not None and check.said is Said.FAILED:
            return PatchSaid.REFUSED, f"{sentence}: {check.detail}."
    stopped = next((said[one] for one in NEEDED if one in said and said[one].said is Said.NOT_RUN), None)
    missing = [one.value for one in NEEDED if one not in said]
    if stopped is not None or missing:
        why = f"{stopped.name}: {stopped.detail}" if stopped else f"{missing[0]} was not asked"
        return PatchSaid.NOT_RUN, f"The patch could not be checked: {why}."
    failed = [one for one in checks if one.said is Said.FAILED]
    failed += [said[one] for one in WANTED if one in said and said[one].said is not Said.PASSED]
    unasked = [one.value for one in WANTED if one not in said]
    if failed or unasked:
        reasons = "; ".join([*(f"{one.name}: {one.detail}" for one in failed), *(f"{one}: not run" for one in unasked)])
        return PatchSaid.HELD, f"The proof stops, but a person must look: {reasons}."
    ran = ", ".join(one.name for one in checks if one.said is Said.PASSED)
    left = [one.name for one in checks if one.said is not Said.PASSED]
    rest = f"; not run: {', '.join(left)}" if left else ""
    return PatchSaid.PASSED, f"Passed: {ran}{rest}."
