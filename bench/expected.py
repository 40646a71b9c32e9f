"""Compares an ``index.json`` with ``examples/expected.yaml``; the tests and ``script/bench outcomes`` use the same."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from clearinghouse.strict import load_yaml

type Index = dict[str, Any]
type Expected = dict[str, dict[str, Any]]


def expected_in(examples: Path) -> Expected:
    """Return what is expected of each report, by the name of its folder or file."""
    reports: Expected = load_yaml((examples / "expected.yaml").read_bytes())["reports"]
    return reports


def differences(index: Index, expected: Expected) -> list[str]:
    """Return, in words, every way in which an index differs from what is expected of the reports."""
    found: list[str] = []
    cases = {report["id"]: (case, report) for case in index["cases"] for report in case["reports"]}
    asides = {
        (one["id"] or one["name"]): (name, one)
        for name in ("validated", "claims", "refused", "held", "not_judged")
        for one in index[name]
    }
    for name, want in expected.items():
        if "claims" in want:
            count = sum(one["name"] == name for one in index["claims"])
            found += [] if count == want["claims"] else [f"{name}: expected {want['claims']} claims, found {count}"]
        else:
            key = want.get("id") or name
            found += [f"{name}: {what}" for what in _differs(key, name, want, cases, asides)]
    found += _joins(expected, cases)
    return found


def _differs(key: str, name: str, want: dict[str, Any], cases: dict[str, Any], asides: dict[str, Any]) -> list[str]:
    if want["outcome"] == "validated":
        if key not in cases:
            where = asides.get(key)
            return [f"expected a case, found {where[0]}: {where[1]['reason']}" if where else "is in no list"]
        return _case_differs(want, *cases[key])
    lists = {"claim": "claims", "held": "held", "refused": "refused", "not-taken-in": "refused"}
    where = asides.get(key) or asides.get(name)
    if where is None:
        return [f"expected {want['outcome']}, found {'a case' if key in cases else 'nothing'}"]
    out = [] if where[0] == lists[want["outcome"]] else [f"expected {want['outcome']}, found {where[0]}"]
    codes = [problem["code"] for problem in where[1]["problems"]] or [where[1]["reason"]]
    if want.get("reason") and want["reason"] not in codes:
        out.append(f"expected reason {want['reason']}, found {', '.join(codes)}")
    return out


def _case_differs(want: dict[str, Any], case: dict[str, Any], report: dict[str, Any]) -> list[str]:
    out = []
    if report["grade"] != want["grade"]:
        out.append(f"expected grade {want['grade']}, found {report['grade']}")
    if want.get("band") and case["band"] != want["band"]:
        out.append(f"expected band {want['band']}, found {case['band']}")
    right = [want["affected"], *want.get("affected_alternatives", ())] if "affected" in want else []
    events = [dict(one) for one in case["affected"]["events"]] if case["affected"] else []
    if right and events not in right:
        out.append(f"expected borders {right[0]}, found {events}")
    said = [one["said"] for one in case["patches"] if one["finding"] == report["finding"]]
    patch = said[0] if said else "none"
    if want.get("patch") and patch != want["patch"]:
        out.append(f"expected patch {want['patch']}, found {patch}")
    return out


def _joins(expected: Expected, cases: dict[str, Any]) -> list[str]:
    groups: dict[str, set[str]] = defaultdict(set)
    for want in expected.values():
        if want["outcome"] == "validated" and want["id"] in cases:
            groups[want["joins"]].add(cases[want["id"]][0]["key"])
    out = [f"{name}: expected one case, found {len(keys)}" for name, keys in groups.items() if len(keys) > 1]
    owners: dict[str, list[str]] = defaultdict(list)
    for name, keys in groups.items():
        for key in keys:
            owners[key].append(name)
    return out + [
        f"{', '.join(names)}: expected apart, found in one case" for names in owners.values() if len(names) > 1
    ]
