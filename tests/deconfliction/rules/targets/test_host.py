"""Hosts and models by name."""

import pytest

from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.errors import Malformed


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("WWW.example.org.", "www.example.org", True),
        ("*.example.org", "example.org", True),
        ("*.example.org", "a.b.example.org", True),
        ("*.example.org", "notexample.org", False),
        ("*.a.example.org", "*.example.org", True),
        ("*.a.example.org", "b.example.org", False),
        ("example.org", "www.example.org", False),
    ],
)
def test_hosts_meet_by_name_and_domain(one: str, other: str, *, meet: bool) -> None:
    assert Host.read(one).meets(Host.read(other)) == Host.read(other).meets(Host.read(one)) == meet


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("*.org", "top-level"),
        ("a..b", "no host"),
        ("-a.org", "no host"),
        ("bücher.example", "xn--"),
        ("*", "no host"),
        ("a.*.org", "no host"),
        ("10.0.0.1", "network"),
        ("a" * 64 + ".org", "no host"),
        ("", "no host"),
    ],
)
def test_what_is_no_host_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Host.read(name)


@pytest.mark.parametrize("name", ["one", "maker/", "*", "maker*", "maker/*x", "ma ker/x", "maker/" + "x" * 200])
def test_what_is_no_model_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="maker/model"):
        Model.read(name)


def test_all_models_of_a_maker_hold_each_of_them() -> None:
    every, one = Model.read("Maker/*"), Model.read("maker/one")
    assert every.holds(one) and not one.holds(every) and one.is_within([every])
