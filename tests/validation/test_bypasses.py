"""What got past a patch is kept, once, and stands against every patch handed in later."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import NotFound
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.validation.actions import keep_bypass, known_variants, subject_from
from clearinghouse.validation.models import KnownBypass
from clearinghouse.validation.patches.attack import proof_of
from clearinghouse.validation.queries import bypasses_known
from clearinghouse.validation.rules import Bypass, Detector
from clearinghouse.validation.shapes import dump, load
from tests.cases.makers import NOON
from tests.cases.rows import a_finding

YAML = "pkg:pypi/pyyaml"
BYPASS = Bypass(
    Detector.COMMAND_EXECUTION,
    "python",
    "calls",
    "'.popen(' for '.system('",
    "a mutant",
    document={"steps": [{"call": "yaml.load", "args": ["another way"]}]},
)
LATER = NOON + timedelta(hours=1)


def keep(bypass: Bypass = BYPASS) -> KnownBypass:
    return keep_bypass(YAML, bypass, patch="sha256:aa", actor=CLEARINGHOUSE, at=NOON)


@pytest.mark.django_db
def test_the_same_form_is_kept_once_and_the_ledger_tells_it() -> None:
    first = keep()
    assert keep(replace(BYPASS, what="found again")) == first
    assert KnownBypass.objects.count() == 1
    assert Event.objects.filter(verb="validation:known-bypass:keep").count() == 1


@pytest.mark.django_db
def test_a_bypass_outlives_the_finding_that_it_was_made_of(tmp_path: Path) -> None:
    finding = a_finding(Artefacts(tmp_path))
    keep()
    finding.validation.delete()
    finding.delete()
    assert bypasses_known(YAML, organizations=[None], before=LATER) == [BYPASS]


@pytest.mark.django_db
def test_only_what_was_known_when_a_patch_came_in_stands_against_it() -> None:
    keep()
    assert bypasses_known(YAML, organizations=[None], before=NOON) == []
    assert bypasses_known("pkg:pypi/other", organizations=[None], before=LATER) == []
    assert bypasses_known(YAML, organizations=[None], before=LATER) == [BYPASS]


@pytest.mark.django_db
def test_earlier_bypasses_and_other_finders_proofs_are_the_known_variants(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path)
    keep()
    own = a_finding(artefacts, "mine", at=LATER)
    a_finding(
        artefacts, "theirs", finder="finder-b", files={"proof.yaml": b"steps:\n- {call: yaml.load, args: ['y']}\n"}
    )
    known = known_variants(own, subject_from(own, artefacts), artefacts)
    assert [one.source for one in known] == [
        "an earlier bypass, by '.popen(' for '.system('",
        "the proof of finder-b theirs",
    ]
    assert [(one.proof.form.document or {})["steps"][0]["args"] for one in known] == [["another way"], ["y"]]


@pytest.mark.django_db
def test_a_proof_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path)
    own = a_finding(artefacts, "mine")
    a_finding(artefacts, "theirs", finder="finder-b", files={"proof.yaml": b"no: steps\n"})
    assert known_variants(own, subject_from(own, artefacts), artefacts) == ()


@pytest.mark.django_db
def test_a_finder_may_not_keep_a_bypass() -> None:
    stranger = Actor(CLEARINGHOUSE.id, "somebody", frozenset({Role.FINDER}))
    with pytest.raises(NotFound):
        keep_bypass(YAML, BYPASS, patch="sha256:aa", actor=stranger, at=NOON)


def test_a_bypass_comes_back_as_the_proof_that_it_was() -> None:
    raw = replace(
        BYPASS, kind="input", document=None, input_hex=b"a\x00b".hex(), harness={"call": "pkg.read"}, sizes=(1, 2)
    )
    again = proof_of(load(Bypass, dump(raw)))
    assert (again.form.mode, again.form.input, again.harness, again.sizes) == (
        "input",
        b"a\x00b",
        {"call": "pkg.read"},
        (1, 2),
    )
