"""Believable facts for tests of joins and order."""

from typing import Any

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
