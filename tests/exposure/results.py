"""Small results of a clearing for tests, written as the advisories room writes them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearinghouse.exposure.rules import KnownCase
from clearinghouse.standards import osv
from clearinghouse.standards.component import Component
from clearinghouse.standards.purl import parse

AT = datetime(2026, 11, 23, tzinfo=UTC)


def record(package: str, *lines: tuple[str, str | None], name: str = "CLEARINGHOUSE-1", **more: Any) -> osv.Osv:  # noqa: ANN401
    """Return a record with one range for each line: introduced, and fixed (or not)."""
    spans = tuple(
        osv.Range(
            "ECOSYSTEM",
            (osv.Event("introduced", first), *((osv.Event("fixed", fixed),) if fixed else ())),
        )
        for first, fixed in lines
    )
    named = osv.affected_package(package, ())
    entry = osv.Affected(named.ecosystem, named.name, named.purl, ranges=spans)
    return osv.Osv(id=name, modified_at=AT, affected=(entry,), aliases=("CVE-2020-14343",), **more)


def case(package: str, *lines: tuple[str, str | None], key: str = "one", **more: Any) -> KnownCase:  # noqa: ANN401
    """Return a case about a package."""
    said: dict[str, Any] = {"title": f"A flaw in {package}", "band": "URGENT", "why": ("It is worst.",)} | more
    return KnownCase(key=key, record=record(package, *lines), **said)


def component(text: str, place: str = "here") -> Component:
    """Return a component in use, by its purl."""
    found = parse(text)
    return Component(found.registry_name, found.version, found, place=place)


def write_results(folder: Path, cases: Sequence[KnownCase]) -> Path:
    """Write the folder that a clearing leaves, as far as an operator reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for position, one in enumerate(cases, start=1):
        files = {"page": f"cases/{one.key}/index.html", "osv": f"cases/{one.key}/osv.json"}
        file = folder / files["osv"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(osv.dump(one.record)), encoding="utf-8")
        listed.append(
            {
                "position": position,
                "key": one.key,
                "title": one.title,
                "band": one.band,
                "why": list(one.why),
                "workarounds": list(one.workarounds),
                "to_confirm": one.to_confirm,
                "affected": {"lines": [{"not_run": [{"version": it, "why": "old"} for it in sorted(one.not_run)]}]},
                "federal": [{"table": "cisa:DT_BOD2604:1.0.0", "says": one.clock}] if one.clock else [],
                "files": files,
            }
        )
    (folder / "index.json").write_text(json.dumps({"schema": "clearinghouse/index/1", "cases": listed}), "utf-8")
    return folder
