"""CycloneDX and SPDX: components with purls, and the vulnerabilities of a disclosure report."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import cyclonedx, spdx

BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "shop", "version": "3", "bom-ref": "root"}},
    "components": [
        {
            "name": "core",
            "group": "@scope",
            "version": "1.0.0",
            "purl": "pkg:npm/@scope/core@1.0.0?Arch=x",
            "bom-ref": "core",
            "components": [{"name": "inner", "version": "2", "purl": "pkg:pypi/Inner_Thing@2"}],
        },
        {"name": "unnamed"},
    ],
    "vulnerabilities": [
        {
            "id": "CVE-2021-23337",
            "source": {"name": "NVD", "url": "https://nvd.example"},
            "description": "Template injection",
            "detail": "More",
            "recommendation": "Upgrade",
            "workaround": "None",
            "cwes": [94, 78],
            "ratings": [{"method": "CVSSv31", "vector": "CVSS:3.1/…", "score": 7.2, "severity": "high"}],
            "proofOfConcept": {"reproductionSteps": "1. Run it", "environment": "Node 20"},
            "advisories": [{"url": "https://example.org/a"}],
            "references": [{"id": "GHSA-x", "source": {"url": "https://example.org/g"}}],
            "credits": {"organizations": [{"name": "Finder A"}], "individuals": [{"name": "Somebody"}]},
            "analysis": {"state": "exploitable"},
            "published": "2021-02-15T00:00:00Z",
            "affects": [
                {
                    "ref": "core",
                    "versions": [{"range": "vers:npm/<4.17.21", "status": "affected"}, {"version": "1.0.0"}],
                },
                {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#core"},
                {"ref": "elsewhere"},
            ],
        }
    ],
}


def test_components_are_found_at_every_depth_the_product_first() -> None:
    found = cyclonedx.components(BOM)
    assert [one.name for one in found] == ["shop", "@scope/core", "inner", "unnamed"]
    assert [str(one.purl) if one.purl else None for one in found] == [
        None,
        "pkg:npm/%40scope/core@1.0.0?arch=x",
        "pkg:pypi/inner-thing@2",
        None,
    ]
    assert found[2].place == "components[0].components[0]"


def test_a_vulnerability_has_what_the_report_says() -> None:
    (found,) = cyclonedx.vulnerabilities(BOM)
    assert (found.id, found.source, found.state) == ("CVE-2021-23337", "NVD", "exploitable")
    assert found.weaknesses == ("CWE-94", "CWE-78")
    assert found.ratings == (cyclonedx.Rating("CVSSv31", "CVSS:3.1/…", 7.2, "high"),)
    assert found.reproduction == "1. Run it\n\nNode 20"
    assert found.references == (("", "https://example.org/a"), ("GHSA-x", "https://example.org/g"))
    assert found.credits == ("Finder A", "Somebody")


def test_what_it_affects_is_a_component_with_versions_also_through_a_link() -> None:
    (found,) = cyclonedx.vulnerabilities(BOM)
    own, linked, outside = found.affects
    assert own.component is not None
    assert linked.component == own.component
    assert outside.component is None
    assert own.versions == (
        cyclonedx.AffectedVersion("", "vers:npm/<4.17.21", "affected"),
        cyclonedx.AffectedVersion("1.0.0", "", "affected"),
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"bomFormat": "SPDX"}, "bomFormat"),
        ({"specVersion": "2.0"}, "specVersion"),
        ({"vulnerabilities": None}, "vulnerabilities"),
        ({"vulnerabilities": {}}, "vulnerabilities"),
        ({"components": [{}]}, "components[0].name"),
        ({"vulnerabilities": [{"cwes": ["79"]}]}, "vulnerabilities[0].cwes"),
        ({"vulnerabilities": [{"affects": [{}]}]}, "vulnerabilities[0].affects[0].ref"),
        ({"vulnerabilities": [{"ratings": [{"score": "high"}]}]}, "vulnerabilities[0].ratings[0].score"),
        ({"vulnerabilities": [{"ratings": [{"vector": "x"}, {"score": True}]}]}, "vulnerabilities[0].ratings[1].score"),
    ],
)
def test_a_report_of_another_shape_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        cyclonedx.vulnerabilities(BOM | change)
    assert str(caught.value).startswith(place)


def test_one_purl_that_is_none_does_not_hide_the_other_components() -> None:
    found = cyclonedx.components(BOM | {"components": [{"name": "x", "purl": "x"}, {"name": "y", "purl": "pkg:npm/y"}]})
    assert [bool(one.purl) for one in found] == [False, False, True]
    assert found[1].trouble


SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {
            "name": "left-pad",
            "SPDXID": "SPDXRef-1",
            "versionInfo": "1.3.0",
            "externalRefs": [
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:x:y:*"},
                {"referenceType": "purl", "referenceLocator": "pkg:npm/left-pad@1.3.0"},
            ],
        },
        {"name": "bare", "SPDXID": "SPDXRef-2"},
    ],
}


def test_spdx_packages_have_their_purl() -> None:
    assert [str(one.purl) for one in spdx.components(SPDX)] == ["pkg:npm/left-pad@1.3.0", "None"]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"spdxVersion": "SPDX-3.0"}, "spdxVersion"),
        ({}, "spdxVersion"),
        (SPDX | {"packages": [{"name": "x"}]}, "packages[0].SPDXID"),
        (
            SPDX
            | {
                "packages": [
                    {
                        "name": "x",
                        "SPDXID": "1",
                        "externalRefs": [{"referenceType": "purl", "referenceLocator": 1}],
                    }
                ]
            },
            "packages[0].externalRefs[0].referenceLocator",
        ),
    ],
)
def test_an_spdx_document_of_another_shape_is_refused_with_its_place(value: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        spdx.components(value)
    assert str(caught.value).startswith(place)


shapes = st.recursive(
    st.none() | st.integers(-2, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(list(BOM)), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["components", "vulnerabilities", "metadata"]), shapes))
def test_any_document_is_read_or_refused(changes: dict[str, Any]) -> None:
    for read in (cyclonedx.components, cyclonedx.vulnerabilities):
        try:
            read(BOM | changes)
        except Malformed:
            continue
