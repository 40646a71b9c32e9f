"""Markdown with the labels of an intake template becomes a claim."""

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.findings.intake.reading import read_document
from tests.findings.intake.documents import MARKDOWN, code_of, problems_of


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


def test_everything_a_template_can_say_is_read() -> None:
    text = """## Vulnerability
**Title:** It breaks
**Package:** pkg:npm/ini@1.3.5
**Credit preference:** credit me as "A. Person"
**Planned disclosure date:** 2099-03-01, or 2099-13-45
**Affected source location(s):** ini.js:80, lib/a.js and /etc/passwd
**CWE (if known):** CWE-1321, CWE 79
**Environment:** Node 20
**Work-around:** none
**References:** https://example.org/a.
**Already public anywhere?** perhaps
**Actively exploited?** yes
**Unit tests:**
~~~js
require('assert')
~~~
**Proposed patch:** see above
**Something else:** unknown
not part of anything
"""
    (claim,) = read_document(text.encode(), name="a.md")
    report = claim.report
    assert report.credit == "A. Person" and report.deadline is not None and str(report.deadline.date) == "2099-03-01"
    assert [one.path for one in report.locations][:2] == ["ini.js", "lib/a.js"] and report.locations[0].line == 80
    assert report.weaknesses == ("CWE-1321", "CWE-79") and report.references == ("https://example.org/a",)
    assert report.environment is not None and report.environment.configuration == "Node 20"
    assert report.public is not None and report.public.value == "unknown"
    assert report.tests[0].command == "node test_report.js" and report.patches == ()


def test_a_day_that_does_not_exist_is_left_out() -> None:
    text = MARKDOWN.replace("## Remediation", "- **Deadline:** 2099-02-31\n\n## Remediation")
    assert read_document(text.encode(), name="a")[0].report.deadline is None


def test_a_template_that_is_too_large_is_refused() -> None:
    assert code_of(MARKDOWN.encode() + b"a" * 1024 * 1024) == "too-large"


def test_headings_serve_as_well_as_labels() -> None:
    text = "## Summary\nIt breaks\n## Package\npkg:npm/ini@1.3.5\n## Details\nWhat is wrong\n## Impact\nMuch\n"
    (claim,) = read_document(text.encode(), name="a.md")
    assert (claim.report.title, claim.report.target, claim.report.impact) == ("It breaks", "pkg:npm/ini@1.3.5", "Much")


def test_a_template_without_a_package_is_refused() -> None:
    assert code_of(MARKDOWN.replace("pkg:pypi/pyyaml", "PyYAML").encode()) == "missing-target"


@given(st.lists(st.sampled_from([*MARKDOWN.splitlines(), "```", "**", "## Test", "- **CWE:** 79"]), max_size=30))
def test_a_template_in_any_order_is_read_or_refused(lines: list[str]) -> None:
    assert all(one.fix for one in problems_of("\n".join(lines).encode()))
