"""Rules 2xx: which targets meet; and rules 3xx: what cannot be announced."""

import time
from collections.abc import Mapping
from typing import Any, Final

from clearinghouse_client.conformance.parties import Run, expect, wanted

_QUICK_SECONDS: Final = 10.0
_MANY: Final = 10_000


def _meets(run: Run, one: Any, other: Any, *, technique: str = "fuzzing") -> bool:  # noqa: ANN401 - targets
    made = run.one.accepted(run.scan(one, technique=technique))
    return made["id"] in run.other.met_by(run.scan(other, technique=technique))


def _software(package: str, **parts: str) -> dict[str, str]:
    return {"kind": "software", "package": package, **parts}


def versions_are_held_apart(run: Run) -> None:
    """201: ranges of versions meet if, and only if, they have a version in common."""
    package = run.package()
    low = _software(package, versions="vers:pypi/<2.0")
    expect(_meets(run, low, _software(package, versions="vers:pypi/>=1.0|<3.0")), "ranges with 1.5 do not meet")
    expect(not _meets(run, _software(run.package(), versions="vers:pypi/<2.0"), low), "two packages meet, by versions")
    package = run.package()
    early, late = (_software(package, versions=f"vers:pypi/{one}") for one in ("<2.0", ">=2.0"))
    expect(not _meets(run, early, late), "ranges with no version in common meet")


def paths_are_held_apart(run: Run) -> None:
    """202: patterns of paths meet if, and only if, some path is in both."""
    package = run.package()
    expect(_meets(run, _software(package, paths="src/**"), _software(package, paths="**/*.c")), "src/a.c is in both")
    package = run.package()
    expect(
        not _meets(run, _software(package, paths="src/**"), _software(package, paths="docs/**")), "no path is in both"
    )


def a_package_meets_its_repository(run: Run) -> None:
    """203: once a mapping says from which repository a package is built, scans of both meet."""
    package = run.package()
    url = f"https://git.example/{package.rpartition('/')[2]}"
    made = run.one.accepted(run.scan(package))
    expect(made["id"] not in run.other.met_by(run.scan(url)), "a repository meets a package that nobody mapped to it")
    wanted(run.one.post("/targets/mappings", {"package": package, "url": url}), 201, "adding a mapping")
    other = run.other.accepted(run.scan(url), seen=[made["version_key"]])
    expect(
        other["id"] in run.one.met_by({**run.scan(package)}), "a package does not meet the repository it is built from"
    )


def networks_meet_by_address_and_port(run: Run) -> None:
    """204: blocks meet if one holds the other and a port is in both; IPv4 and IPv6."""
    scan = "passive-network-scanning"
    for wide, narrow, apart in (
        ("198.18.{0}.0/24", "198.18.{0}.128/25", "198.19.{0}.0/24"),
        ("2001:2:0:{0:x}::/64", "2001:2:0:{0:x}::80/121", "2001:2:1:{0:x}::/64"),
    ):
        number = int(run.now().timestamp() * 1000) % 251
        block, inner, outside = (one.format(number) for one in (wide, narrow, apart))
        web, mail = ({"kind": "network", "block": block, "ports": ports} for ports in ("80,443", "25"))
        made = run.one.accepted(run.scan(web, technique=scan))
        try:
            met = run.other.met_by(run.scan({"kind": "network", "block": inner, "ports": "400-500"}, technique=scan))
            expect(made["id"] in met, f"{inner} port 443 lies in {block} and does not meet it")
            for what in (mail, {"kind": "network", "block": outside}):
                met = run.other.met_by(run.scan(what, technique=scan))
                expect(made["id"] not in met, f"{what} meets {web}")
        finally:
            run.one.step(made["id"], "end")


def hosts_meet_by_domain(run: Run) -> None:
    """205: a domain meets what is below it, and no name that only ends like it."""
    name = run.package().rpartition("/")[2]
    domain, scan = f"*.{name}.example", "passive-network-scanning"
    made = run.one.accepted(run.scan(domain, technique=scan))
    for host, meets in ((f"a.b.{name}.example", True), (f"x{name}.example", False)):
        found = made["id"] in run.other.met_by(run.scan(host, technique=scan))
        expect(found is meets, f"{host} {'meets' if found else 'does not meet'} {domain}")


def _refused(run: Run, what: str, scan: Mapping[str, Any], *, statuses: tuple[int, ...] = (422,)) -> None:
    """Return quietly if an announcement is refused quickly, as a problem that says something."""
    begun = time.monotonic()
    answer = run.one.announce(scan)
    took = time.monotonic() - begun
    expect(
        answer.status_code in statuses, f"{what}: expected {statuses[0]}, got {answer.status_code}: {answer.text[:200]}"
    )
    said = answer.json()
    expect(said.get("detail") or said.get("violations"), f"{what}: refused without a reason")
    expect(took < _QUICK_SECONDS, f"{what}: refused after {took:.1f} s")


def windows_that_cannot_be(run: Run) -> None:
    """301: a window runs forward, has a timezone, lasts 30 days at most and does not begin in the past."""
    for what, window in (
        ("a window that runs backwards", dict(zip(("ends_at", "starts_at"), run.window().values(), strict=True))),
        ("an empty window", dict.fromkeys(("starts_at", "ends_at"), run.window()["starts_at"])),
        ("a window of 31 days", run.window(1, 31 * 24)),
        ("a window that began an hour ago", run.window(-1, 2)),
        ("a window that is over", run.window(-3, 2)),
        ("times without a timezone", {name: one.partition("+")[0] for name, one in run.window().items()}),
    ):
        _refused(run, what, {**run.scan(), **window})


def targets_that_cannot_be(run: Run) -> None:
    """302: whole internets, texts that are no target, patterns that are bombs, and the same target twice."""
    package = run.package()
    for what, targets in (
        ("the network 0.0.0.0/0", ["0.0.0.0/0"]),
        ("the network ::/0", ["::/0"]),
        ("a purl without a name", ["pkg:pypi/"]),
        ("a purl of nothing", ["pkg:"]),
        ("a path pattern that is a bomb", [_software(package, paths="**/*" * 40 + "a")]),
        ("a path pattern of stars", [_software(package, paths="*a" * 60)]),
        ("a range of versions that is none", [_software(package, versions="vers:pypi/<<1")]),
        ("a whole top-level domain", ["*.example"]),
        ("one target twice", [package, package]),
        ("no target", []),
        ("a part that its kind does not have", [_software(package, ports="80")]),
    ):
        technique = "passive-network-scanning" if "network" in what or "domain" in what else "fuzzing"
        _refused(run, what, {**run.scan(technique=technique), "targets": targets})


def too_many_targets_are_refused(run: Run) -> None:
    """303: 10,000 targets at a time are refused, with how to split them."""
    targets = [f"pkg:pypi/many-{number}" for number in range(_MANY)]
    _refused(run, f"{_MANY} targets", {**run.scan(), "targets": targets}, statuses=(422, 413))


def other_words_are_refused(run: Run) -> None:
    """304: a technique that is not in the table, one that is not used on such a target, and a field that is unknown."""
    _refused(run, "an unknown technique", run.scan(technique="dowsing"))
    _refused(run, "a technique on what it is not used on", run.scan("model:maker/name", technique="static-analysis"))
    _refused(run, "a field that the operation does not name", {**run.scan(), "state": "active"})
    _refused(run, "a scan without a contact", {**run.scan(), "contact": " "})


CHECKS = (
    versions_are_held_apart,
    paths_are_held_apart,
    a_package_meets_its_repository,
    networks_meet_by_address_and_port,
    hosts_meet_by_domain,
    windows_that_cannot_be,
    targets_that_cannot_be,
    too_many_targets_are_refused,
    other_words_are_refused,
)
