"""Which components the cases touch, and the advice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.exposure.rules import Exposed, Exposure, exposed, in_short, today, until_then
from clearinghouse.standards.component import Component
from tests.exposure.results import case, component

YAML = case("pkg:pypi/pyyaml", ("5.1", "5.4"), workarounds=("Use the safe loader.",))
LODASH = case("pkg:npm/lodash", ("0", "4.17.21"), key="two")


def only(text: str, *cases: object) -> Exposed | None:
    found = exposed([component(text)], [*cases] or [YAML, LODASH])  # type: ignore[list-item]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "touched"),
    [
        ("pkg:pypi/PyYAML@5.3.1", True),
        ("pkg:pypi/pyyaml@5.4", False),
        ("pkg:pypi/pyyaml@3.13", False),
        ("pkg:npm/lodash@4.17.20", True),
        ("pkg:npm/pyyaml@5.3.1", False),
    ],
)
def test_a_component_is_touched_when_a_case_names_its_version(text: str, touched: bool) -> None:  # noqa: FBT001
    assert (only(text) is not None) is touched


def test_the_advice_names_the_release_and_the_command() -> None:
    found = only("pkg:pypi/pyyaml@5.3.1")
    assert found is not None
    assert today(found) == 'Install pyyaml 5.4 or newer. With pip: pip install "pyyaml>=5.4"'
    assert until_then(found) == ("Use the safe loader.",)
    node = only("pkg:npm/lodash@4.17.20")
    assert node is not None
    assert today(node).endswith("npm install lodash@4.17.21")


def test_the_upgrade_ends_every_case_that_touches_the_package() -> None:
    later = case("pkg:pypi/pyyaml", ("5.1", "5.4.1"), key="later")
    found = only("pkg:pypi/pyyaml@5.3", YAML, later)
    assert found is not None
    assert found.upgrade_to == "5.4.1"
    assert [one.fixed_in for one in found.touches] == ["5.4", "5.4.1"]


def test_an_upgrade_does_not_lead_into_another_case() -> None:
    newer = case("pkg:pypi/pyyaml", ("5.4", "5.5"), key="newer")
    found = only("pkg:pypi/pyyaml@5.3", YAML, newer)
    assert found is not None
    assert [one.case.key for one in found.touches] == ["one"]
    assert found.upgrade_to == "5.5"


def test_a_fix_of_an_older_line_is_not_offered_when_another_line_holds_it() -> None:
    lines = case("pkg:npm/a", ("0", "1.4.0"), ("1.3.0", "2.1.0"))
    found = only("pkg:npm/a@1.0.0", lines)
    assert found is not None
    assert found.upgrade_to == "2.1.0"


def test_when_no_release_is_free_of_all_cases_the_most_pressing_one_is_named() -> None:
    forever = case("pkg:pypi/pyyaml", ("0", None), key="forever")
    found = only("pkg:pypi/pyyaml@5.3", YAML, forever)
    assert found is not None
    assert (found.upgrade_to, today(found)[:9]) == ("", "No single")


def test_without_any_fix_the_advice_is_to_keep_it_away_from_untrusted_input() -> None:
    found = only("pkg:pypi/pyyaml@5.3", case("pkg:pypi/pyyaml", ("0", None)))
    assert found is not None
    assert today(found).startswith("No fixed release is known")


@pytest.mark.parametrize("text", ["pkg:pypi/pyyaml", "pkg:pypi/pyyaml@2004d"])
def test_a_version_that_nobody_can_place_is_unknown_not_safe(text: str) -> None:
    found = only(text)
    assert found is not None
    assert [one.exposure for one in found.touches] == [Exposure.UNKNOWN]
    assert not found.is_affected
    assert today(found).startswith("Find out")


def test_a_version_that_could_not_be_run_is_unknown() -> None:
    found = only("pkg:pypi/pyyaml@3.13", replace(YAML, not_run=frozenset({"3.13"})))
    assert found is not None
    assert found.touches[0].exposure is Exposure.UNKNOWN
    assert "pyyaml>=5.4" in today(found)


def test_a_component_without_a_purl_touches_nothing() -> None:
    assert exposed([Component("pyyaml", "5.3", None)], [YAML]) == ()


def test_what_is_certain_stands_before_what_is_not_and_then_by_the_order_of_work() -> None:
    components = [component("pkg:pypi/pyyaml"), component("pkg:npm/lodash@4.0.0"), component("pkg:pypi/pyyaml@5.3")]
    found = exposed(components, [YAML, LODASH])
    assert [str(one.component.purl) for one in found] == [
        "pkg:pypi/pyyaml@5.3",
        "pkg:npm/lodash@4.0.0",
        "pkg:pypi/pyyaml",
    ]


def test_a_name_that_a_shell_would_read_gets_no_command() -> None:
    package = "pkg:npm/a%24%28id%29"
    found = only(f"{package}@1.0.0", case(package, ("0", "2.0.0")))
    assert found is not None
    assert today(found) == "Install a$(id) 2.0.0 or newer."


def test_other_ecosystems_get_the_release_without_a_command() -> None:
    found = only("pkg:gem/rails@1.0.0", case("pkg:gem/rails", ("0", "2.0.0")))
    assert found is not None
    assert today(found) == "Install rails 2.0.0 or newer."


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([], "None of your packages is touched by these cases (7 packages looked at)."),
        (["pkg:pypi/pyyaml@5.3"], "1 of your packages is affected (7 packages looked at)."),
        (
            ["pkg:pypi/pyyaml@5.3", "pkg:npm/lodash@4.0.0", "pkg:pypi/pyyaml"],
            "2 of your packages are affected; 1 may be affected, nobody could tell (7 packages looked at).",
        ),
    ],
)
def test_the_result_fits_in_a_sentence(texts: list[str], says: str) -> None:
    assert in_short(exposed(map(component, texts), [YAML, LODASH]), looked_at=7) == says


numbers = st.integers(0, 12)


@given(numbers, numbers, numbers, numbers, numbers)
def test_the_upgrade_is_newer_and_touched_by_no_case(first: int, fixed: int, other: int, last: int, used: int) -> None:
    cases = [
        case("pkg:npm/a", (f"{first}.0.0", f"{first + fixed + 1}.0.0")),
        case("pkg:npm/a", (f"{other}.0.0", f"{other + last + 1}.0.0"), key="two"),
    ]
    for one in exposed([component(f"pkg:npm/a@{used}.0.0")], cases):
        assert one.upgrade_to
        assert int(one.upgrade_to.split(".")[0]) > used
        assert exposed([component(f"pkg:npm/a@{one.upgrade_to}")], cases) == ()
