"""TLP: labels are read, compared by audience, and the narrowest binds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards.tlp import Tlp, audience, csaf_label, is_narrower, narrowest, parse

labels = st.sampled_from(list(Tlp))


@pytest.mark.parametrize(
    ("text", "label"),
    [("TLP:CLEAR", Tlp.CLEAR), ("white", Tlp.CLEAR), ("amber+strict", Tlp.AMBER_STRICT), (" RED ", Tlp.RED)],
)
def test_a_label_is_read_with_or_without_its_prefix(text: str, label: Tlp) -> None:
    assert parse(text) is label


@pytest.mark.parametrize("text", ["", "PURPLE", "TLP:", "AMBER STRICT"])
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@given(labels, labels)
def test_of_two_different_labels_one_is_narrower(one: Tlp, other: Tlp) -> None:
    assert is_narrower(one, other) + is_narrower(other, one) + (one is other) == 1


@given(st.lists(labels))
def test_nothing_is_narrower_than_the_narrowest(several: list[Tlp]) -> None:
    assert not any(is_narrower(one, narrowest(*several)) for one in several)


def test_every_label_has_an_audience_and_a_csaf_label() -> None:
    assert {csaf_label(one) for one in Tlp} == {"WHITE", "GREEN", "AMBER", "RED"}
    assert all(audience(one) for one in Tlp)
