"""What the checks come to, over every check and every answer."""

from itertools import product

import pytest

from clearinghouse.validation.patches.verdict import NEEDED, REFUSE, WANTED, CheckName, conclude
from clearinghouse.validation.rules import PatchCheck, PatchSaid, Said


def all_passed(**but: Said) -> list[PatchCheck]:
    """Every check passed, except those named, with hyphens as underscores."""
    changed = {name.replace("_", "-"): said for name, said in but.items()}
    return [PatchCheck(name, changed.get(name, Said.PASSED), "so it is") for name in CheckName]


def test_a_patch_is_passed_when_every_check_passed() -> None:
    assert conclude(all_passed())[0] is PatchSaid.PASSED


@pytest.mark.parametrize("name", CheckName)
def test_a_check_that_fails_refuses_or_holds_and_is_named(name: CheckName) -> None:
    said, sentence = conclude(all_passed(**{name.replace("-", "_"): Said.FAILED}))
    assert said is (PatchSaid.REFUSED if name in REFUSE else PatchSaid.HELD)
    assert sentence.startswith(REFUSE.get(name, "The proof stops, but a person must look"))


@pytest.mark.parametrize("name", CheckName)
def test_no_check_passes_by_not_running(name: CheckName) -> None:
    said, sentence = conclude(all_passed(**{name.replace("-", "_"): Said.NOT_RUN}))
    if name in NEEDED:
        assert said is PatchSaid.NOT_RUN
    elif name in WANTED:
        assert said is PatchSaid.HELD
    else:
        assert (said, f"not run: {name}" in sentence) == (PatchSaid.PASSED, True)


@pytest.mark.parametrize("missing", [*NEEDED, *WANTED])
def test_a_check_that_was_not_even_asked_does_not_pass(missing: CheckName) -> None:
    assert conclude([one for one in all_passed() if one.name != missing])[0] is not PatchSaid.PASSED


def test_a_refusal_outweighs_whatever_else_is_said() -> None:
    for name, other in product(REFUSE, CheckName):
        if name is not other:
            checks = all_passed(**{name.replace("-", "_"): Said.FAILED, other.replace("-", "_"): Said.NOT_RUN})
            assert conclude(checks)[0] is PatchSaid.REFUSED
