"""What a finding is, what makes it the same, and what makes it ready."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.findings.report.loading import report_from
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.rules import FINDING, Element, FindingState, FindingStep, is_ready, key_of, readiness_of
from tests.findings.makers import a_proof, a_report, some_files


def _report(**changed: object) -> Report:
    return report_from(a_report(**changed), some_files())


def test_every_state_is_reachable() -> None:
    assert FINDING.reachable() == set(FindingState)


def test_a_superseded_finding_goes_nowhere() -> None:
    assert FINDING.steps_from(FindingState.SUPERSEDED) == ()


def test_any_standing_finding_can_be_superseded() -> None:
    standing = set(FindingState) - {FindingState.SUPERSEDED}
    assert all(FindingStep.SUPERSEDE in FINDING.steps_from(one) for one in standing)


def test_a_whole_report_is_ready() -> None:
    assert is_ready(_report()) and [one.hint for one in readiness_of(_report())] == [""] * 6


@pytest.mark.parametrize(
    ("key", "element"),
    [
        ("description", Element.DESCRIPTION),
        ("trigger", Element.TRIGGER),
        ("severity", Element.SEVERITY),
        ("proofs", Element.PROOF),
        ("patches", Element.PATCH),
        ("tests", Element.TEST),
    ],
)
def test_what_is_missing_gets_a_hint(key: str, element: Element) -> None:
    missing = [one for one in readiness_of(_report(**{key: None})) if not one.said]
    assert [one.element for one in missing] == [element] and missing[0].hint


def test_a_proof_without_a_benign_twin_counts_but_gets_a_hint() -> None:
    (proof,) = (one for one in readiness_of(_report(proofs=[a_proof(benign=None)])) if one.element is Element.PROOF)
    assert proof.said and "benign" in proof.hint


def test_the_six_come_always_in_the_same_order() -> None:
    assert [one.element for one in readiness_of(_report(proofs=None))] == list(Element)


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text.strip()))
def test_the_key_follows_from_the_content(title: str) -> None:
    one = key_of(_report(title=title), {"a": "sha256:1"})
    assert one == key_of(_report(title=title), {"a": "sha256:1"})
    assert one != key_of(_report(title=title + "."), {"a": "sha256:1"})
    assert one != key_of(_report(title=title), {"a": "sha256:2"})
