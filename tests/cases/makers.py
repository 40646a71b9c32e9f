"""Believable facts for tests of joins and order."""

from datetime import UTC, datetime
from typing import Any

from clearinghouse.cases.rules.factors import Report, Weighed
from clearinghouse.cases.rules.facts import Facts, Place

YAML = "pkg:pypi/pyyaml"


def some_facts(finding: str, **changes: Any) -> Facts:  # noqa: ANN401
    """Return the facts of a code execution in PyYAML; every field can be changed."""
    fields: dict[str, Any] = {
        "package": YAML,
        "target": "5.3",
        "detector": "command-execution",
        "sink": "os.system",
        "state": ("yaml.constructor.make_python_instance", "yaml.constructor.construct_object"),
        "entries": frozenset({"yaml.load"}),
        "affected": frozenset({"5.1", "5.2", "5.3"}),
        "unaffected": frozenset({"5.4"}),
        "places": frozenset({Place("constructor.py", "make_python_instance")}),
        "weaknesses": frozenset({"deserialization"}),
        "aliases": frozenset({"CVE-2020-14343"}),
    }
    return Facts(finding=finding, **(fields | changes))


def bare_facts(finding: str, **changes: Any) -> Facts:  # noqa: ANN401
    """Return facts of which nothing is known but the package and what is said here."""
    return Facts(finding=finding, **({"package": YAML, "target": "5.3"} | changes))


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_report(finding: str = "f1", **changes: Any) -> Report:  # noqa: ANN401
    """Return a report of a code execution of grade A that nobody exploits and that is public."""
    fields: dict[str, Any] = {
        "grade": "A",
        "detector": "command-execution",
        "received_at": NOON,
        "exploited": "no",
        "public": "yes",
        "vectors": ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",),
        "rating": "critical",
    }
    return Report(finding=finding, **(fields | changes))


def a_weighed_case(key: str = "c1", *reports: Report, **changes: Any) -> Weighed:  # noqa: ANN401
    """Return a case with a fix, of which only older releases are affected."""
    fields: dict[str, Any] = {"in_kev": False, "fix_exists": True, "newest_affected": False}
    return Weighed(key=key, reports=reports or (a_report(),), **(fields | changes))
