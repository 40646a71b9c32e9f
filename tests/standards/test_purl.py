"""Package URLs: the whole purl-spec suite, and what our own matching needs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl
from tests.shared_data import shared


def suite() -> list[tuple[str, dict[str, Any]]]:
    folder = shared("data", "purl-vers", "purl-tests")
    files = sorted(Path(folder).glob("*/*.json"))
    return [(file.stem, case) for file in files for case in json.loads(file.read_text("utf-8"))["tests"]]


def answer(case: dict[str, Any]) -> object:
    given_input = case["input"]
    if case["test_type"] == "validate":
        return purl.canonical(given_input)
    if case["test_type"] == "parse":
        found = purl.parse(given_input)
        parts = {name: getattr(found, name) or None for name in ("type", "namespace", "name", "version", "subpath")}
        return parts | {"qualifiers": dict(found.qualifiers) or None}
    return str(
        purl.build(
            given_input["type"],
            given_input["name"],
            namespace=given_input["namespace"],
            version=given_input["version"],
            qualifiers=given_input["qualifiers"],
            subpath=given_input["subpath"],
        )
    )


def test_every_case_of_the_purl_suite_is_answered_as_the_suite_says() -> None:
    wrong = []
    cases = suite()
    for name, case in cases:
        try:
            found = answer(case)
        except Malformed as refusal:
            if not case.get("expected_failure"):
                wrong.append((name, case["input"], str(refusal)))
            continue
        if case.get("expected_failure") or found != case["expected_output"]:
            wrong.append((name, case["input"], str(found)))
    assert wrong == []
    assert len(cases) >= 586


@pytest.mark.parametrize(
    "text",
    [
        "",
        "npm/foo",
        "pkg:npm",
        "pkg:npm/",
        "pkg:npm/foo%zz",
        "pkg:npm/foo%ff",
        "pkg:npm/foo%00",
        "pkg:npm/foo@1%0a",
        "pkg:pypi/a/b",
        "pkg:npm/foo?arch",
        "pkg:npm/foo?a=1&a=2",
        "pkg:npm/foo?Arch=1",
        "pkg:npm/foo?arch=%00",
        "pkg:npm/foo#%00",
        "pkg:julia/Dates",
    ],
)
def test_what_is_no_purl_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        purl.parse(text)


def test_the_key_is_the_same_for_every_spelling_of_a_python_name() -> None:
    spellings = ["pkg:pypi/zope.interface@1", "pkg:pypi/Zope_Interface", "pkg:pypi/zope-interface?a=b"]
    assert {purl.parse(one).key for one in spellings} == {("pypi", "zope-interface")}


def test_the_registry_name_of_a_scoped_package_has_its_scope() -> None:
    found = purl.parse("pkg:npm/%40angular/animation@12.3.1")
    assert found.registry_name == "@angular/animation"
    assert found.package == "pkg:npm/%40angular/animation"
    assert str(found.at("13.0.0")) == "pkg:npm/%40angular/animation@13.0.0"


parts = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8)


@given(st.sampled_from(["npm", "generic", "golang", "cargo"]), parts, parts, st.dictionaries(st.just("k"), parts))
def test_a_purl_reads_back_what_it_wrote(kind: str, name: str, version: str, qualifiers: dict[str, str]) -> None:
    made = purl.build(kind, name, version=version, qualifiers=qualifiers)
    assert purl.parse(str(made)) == made
    assert hash(purl.parse(str(made))) == hash(made)


@given(st.text(max_size=40))
def test_any_text_is_a_purl_with_one_canonical_form_or_refused(text: str) -> None:
    try:
        form = purl.canonical("pkg:" + text)
    except Malformed:
        return
    assert purl.canonical(form) == form
