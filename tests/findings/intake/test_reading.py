"""What a document is, is told by its content; what it does not say is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.intake.reading import read_document, read_handed
from clearinghouse.findings.rules import Source
from tests.findings.intake.documents import MARKDOWN, OSV, SARIF, TAP, VDR
from tests.findings.makers import a_folder, a_report, some_files


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def _problems(data: bytes) -> tuple[Problem, ...]:
    try:
        assert read_document(data, name="a", target="pkg:pypi/a@1")
    except Refused as refusal:
        return refusal.problems
    return ()


def _code(data: bytes, name: str = "a", target: str = "") -> str:
    with pytest.raises(Refused) as caught:
        read_document(data, name=name, target=target)
    return caught.value.problems[0].code


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (_bytes(OSV), Source.OSV),
        (_bytes(VDR), Source.VDR),
        (_bytes(TAP), Source.TAP),
        (MARKDOWN.encode(), Source.MARKDOWN),
        (
            _bytes({key: value for key, value in a_report().items() if key not in ("proofs", "patches", "tests")}),
            Source.REPORT,
        ),
    ],
)
@pytest.mark.parametrize("name", ["anything", "a.txt", "a.json"])
def test_the_kind_is_told_by_content(data: bytes, source: Source, name: str) -> None:
    if name == "a.json" and source is Source.MARKDOWN:
        pytest.skip("a name that promises JSON is held to it")
    assert {one.source for one in read_document(data, name=name)} == {source}


def test_an_osv_record_says_what_it_says() -> None:
    (claim,) = read_document(_bytes(OSV), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == ("PYSEC-2021-142", "pysec", "pkg:pypi/pyyaml@5.3")
    assert report.affects[0].range == "vers:pypi/<5.4" and report.weaknesses == ("CWE-20",)
    assert report.aliases == ("PYSEC-2021-142", "CVE-2020-14343") and report.references == ("https://example.org/",)
    assert len(report.severity) == 1 and report.tlp == "CLEAR"


def test_an_osv_record_of_two_packages_makes_two_claims() -> None:
    two = OSV | {
        "affected": [*OSV["affected"], {"package": {"name": "ruamel.yaml", "ecosystem": "PyPI"}, "versions": ["1.0"]}]
    }
    assert [one.report.target for one in read_document(_bytes(two), name="a")] == [
        "pkg:pypi/pyyaml@5.3",
        "pkg:pypi/ruamel.yaml@1.0",
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"withdrawn": "2022-01-01T00:00:00Z"}, "withdrawn"),
        ({"affected": []}, "missing-target"),
        ({"affected": [{"package": {"name": "a", "ecosystem": "PyPI"}}]}, "missing-target"),
        ({"affected": [{"package": {"purl": "no"}}]}, "invalid-purl"),
    ],
)
def test_an_osv_record_that_says_too_little_is_refused(changed: dict[str, Any], code: str) -> None:
    assert _code(_bytes(OSV | changed)) == code


def test_a_target_helps_where_a_record_names_no_version() -> None:
    unsaid = OSV | {"affected": [{"package": {"name": "pyyaml", "ecosystem": "PyPI"}}]}
    (claim,) = read_document(_bytes(unsaid), name="a", target="pkg:pypi/pyyaml@5.3")
    assert claim.report.target == "pkg:pypi/pyyaml@5.3"
    assert _code(_bytes(unsaid), target="pkg:pypi/other@1") == "missing-target"


def test_a_vdr_says_what_it_says() -> None:
    (claim,) = read_document(_bytes(VDR), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == ("CVE-2021-23337", "finder-a-inc", "pkg:npm/lodash@4.17.20")
    assert report.weaknesses == ("CWE-94",) and report.severity[0].startswith("CVSS:3.1/AV:N")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"vulnerabilities": []}, "no-claims"),
        ({"vulnerabilities": [VDR["vulnerabilities"][0] | {"analysis": {"state": "not_affected"}}]}, "no-claims"),
        ({"vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "r2"}]}]}, "missing-target"),
    ],
)
def test_a_vdr_that_says_too_little_is_refused(changed: dict[str, Any], code: str) -> None:
    assert _code(_bytes(VDR | changed)) == code


def test_each_standing_result_of_sarif_is_a_claim() -> None:
    (claim,) = read_document(_bytes(SARIF), name="a", target="pkg:pypi/a@1")
    report = claim.report
    assert (report.finder, report.target, report.weaknesses) == ("scanner-one", "pkg:pypi/a@1", ("CWE-95",))
    assert report.locations[0].path == "src/a.py" and report.locations[0].line == 3
    assert report.id == "r/eval:src/a.py:3" and report.proofs == ()


def test_sarif_needs_to_say_what_it_is_about() -> None:
    assert _code(_bytes(SARIF)) == "missing-target"


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://github.com/Owner/name.git", "pkg:github/owner/name@abc"),
        (
            "https://code.example/owner/name",
            "pkg:generic/name@abc?vcs_url=git%2Bhttps:%2F%2Fcode.example%2Fowner%2Fname",
        ),
    ],
)
def test_provenance_says_what_sarif_is_about(uri: str, target: str) -> None:
    run = SARIF["runs"][0] | {"versionControlProvenance": [{"repositoryUri": uri, "revisionId": "abc"}]}
    (claim,) = read_document(_bytes(SARIF | {"runs": [run]}), name="a")
    assert claim.report.target == target


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"version": "2.0.0"}, "invalid-sarif"), ({"runs": None}, "invalid-sarif"), ({"runs": []}, "no-claims")],
)
def test_sarif_that_says_nothing_is_refused(changed: dict[str, Any], code: str) -> None:
    assert _code(_bytes(SARIF | changed), target="pkg:pypi/a@1") == code


def test_a_tap_report_says_what_it_says() -> None:
    (claim,) = read_document(_bytes(TAP), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == (
        "CVE-2026-12345",
        "finder-a.example",
        "pkg:npm/example-lib@1.0.1",
    )
    assert report.patches[0].file == "attachments/fix.patch" and report.patches[0].base == "1.0.1"
    assert report.tlp == "RED" and report.trigger == "A header longer than 8 KiB"
    assert set(claim.files) == {"attachments/fix.patch", "exploit.txt"} and report.ai[0].used is False
    assert "email" not in (report.model_extra or {})["x-tap"]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"purl": None}, "missing_field", "ecosystem"),
        ({"surprise": 1}, "field_not_allowed", "surprise"),
        ({"purl": "lodash"}, "invalid_purl", "purl"),
        ({"ecosystem": "PyPI"}, "purl_ecosystem_mismatch", "purl"),
        ({"ecosystem": "Fortran"}, "unknown_ecosystem", "ecosystem"),
        ({"software": " "}, "degenerate_value", "software"),
        ({"software": "a\u0007"}, "control_characters", "software"),
        ({"software": "a" * 257}, "field_too_large", "software"),
        ({"versions": ["1"] * 65}, "too_many_items", "versions"),
        ({"versions": "1"}, "wrong_type", "versions"),
        ({"references": ["ftp://a"]}, "invalid_reference", "references[0]"),
        ({"introduced_commit": "xyz"}, "invalid_commit", "introduced_commit"),
        ({"upstream_ids": ["CVE-1"]}, "invalid_upstream_id", "upstream_ids[0]"),
        ({"affected_symbol": {"line": -1}}, "invalid_symbol_line", "affected_symbol.line"),
        ({"notify": "often"}, "invalid_notify", "notify"),
        ({"email": "me"}, "invalid_email", "email"),
        ({"package_repo_url": "git@a:b"}, "invalid_repo_url", "package_repo_url"),
        ({"exploit_content_type": "text/plain; charset=utf-8"}, "invalid_content_type", "exploit_content_type"),
        ({"exploit": None}, "missing_field", "exploit"),
        ({"enrichment": {"a": [[[[[[[[1]]]]]]]]}}, "structure_too_deep", "enrichment"),
        (
            {"attachments": [TAP["attachments"][0] | {"filename": "../a"}]},
            "invalid_filename",
            "attachments[0].filename",
        ),
        ({"attachments": [TAP["attachments"][0] | {"type": "joke"}]}, "invalid_attachment_type", "attachments[0].type"),
        ({"attachments": [TAP["attachments"][0] | {"data": "!"}]}, "invalid_base64", "attachments[0].data"),
        ({"attachments": [TAP["attachments"][0]] * 2}, "invalid_filename", "attachments"),
    ],
)
def test_a_tap_report_is_read_as_strictly_as_there(changed: dict[str, Any], code: str, field: str) -> None:
    value = {key: held for key, held in (TAP | changed).items() if held is not None}
    with pytest.raises(Refused) as caught:
        read_document(_bytes(value), name="a")
    assert (code, field) in {(one.code, one.field) for one in caught.value.problems}


def test_an_intake_template_says_what_it_says() -> None:
    (claim,) = read_document(MARKDOWN.encode(), name="a.md")
    report = claim.report
    assert (report.finder, report.contact) == ("finder-a", "security@finder-a.example")
    assert (report.title, report.target) == ("Loading runs commands", "pkg:pypi/pyyaml@5.3")
    assert report.trigger == "1. Load the document" and report.credit is None and len(report.severity) == 1
    assert report.exploited is not None and report.exploited.value == "no"
    assert report.public is not None and report.public.evidence == ("https://example.org/a",)
    assert report.patches[0].base == "5.3" and report.tests[0].command == "python test_report.py"
    assert claim.files["test_report.py"] == b"assert True\n"


def test_headings_serve_as_well_as_labels() -> None:
    text = "## Summary\nIt breaks\n## Package\npkg:npm/ini@1.3.5\n## Details\nWhat is wrong\n## Impact\nMuch\n"
    (claim,) = read_document(text.encode(), name="a.md")
    assert (claim.report.title, claim.report.target, claim.report.impact) == ("It breaks", "pkg:npm/ini@1.3.5", "Much")


def test_a_template_without_a_package_is_refused() -> None:
    assert _code(MARKDOWN.replace("pkg:pypi/pyyaml", "PyYAML").encode()) == "missing-target"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unknown-kind"),
        (b"hello", "unknown-kind"),
        (b"# Notes\n\nNothing of note.\n", "unknown-kind"),
        (b"\x89PNG\r\n\x1a\n", "unknown-kind"),
        (b"[]", "unknown-kind"),
        (b'{"a": 1}', "unknown-kind"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"runs": [}', "invalid-json"),
        (b"[" * 5000, "too-deep"),
    ],
)
def test_what_is_not_known_is_refused_with_the_reason(data: bytes, code: str) -> None:
    assert _code(data) == code


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_what_is_handed_in_must_be_there_itself(tmp_path: Path, kind: str) -> None:
    import os

    path = tmp_path / "a"
    if kind == "folder":
        a_folder(path, some_files())
        assert read_handed(path)[0].report.id == "fa-1"
        return
    path.symlink_to("/etc/passwd") if kind == "link" else os.mkfifo(path)
    with pytest.raises(Refused, match="link or a device"):
        read_handed(path)


def test_a_name_that_promises_an_archive_is_held_to_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"hello")
    with pytest.raises(Refused) as caught:
        read_handed(tmp_path / "a.zip")
    assert caught.value.problems[0].code == "not-an-archive"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(10 * 1024 * 1024 * 1024)
    with pytest.raises(Refused) as caught:
        read_handed(tmp_path / "a.json")
    assert caught.value.problems[0].code == "too-large"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=8), held, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("known", [OSV, VDR, SARIF, TAP], ids=["osv", "vdr", "sarif", "tap"])
@given(data=st.data())
def test_a_foreign_document_with_anything_in_it_is_read_or_refused(known: dict[str, Any], data: st.DataObject) -> None:
    value: Any = json.loads(json.dumps(known))
    here = value
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            here[key] = data.draw(_JSON)
            break
        here = here[key]
    assert all(one.code and one.reason and one.fix for one in _problems(_bytes(value)))


@given(st.lists(st.sampled_from([*MARKDOWN.splitlines(), "```", "**", "## Test", "- **CWE:** 79"]), max_size=30))
def test_a_template_in_any_order_is_read_or_refused(lines: list[str]) -> None:
    assert all(one.fix for one in _problems("\n".join(lines).encode()))
