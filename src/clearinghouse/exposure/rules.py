"""What is true of a component in use, given the cases: touched or not, and what to do about it today."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from clearinghouse.errors import Malformed
from clearinghouse.standards.component import Component
from clearinghouse.standards.osv import Osv, affects, first_fixed_after, package_of
from clearinghouse.standards.purl import Purl
from clearinghouse.standards.versions import sort_key

_PLAIN_NAME = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*\Z")
_PLAIN_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*\Z")


class Exposure(StrEnum):
    """What a component in use is with respect to a case."""

    AFFECTED = "affected"
    UNKNOWN = "unknown"
    """The version could not be run, is not said, or has no place in the order of versions."""


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What the operator's copy of the results says of a case."""

    key: str
    title: str
    band: str
    """INCIDENT, URGENT, STANDARD or NEEDS-INFO."""
    why: tuple[str, ...]
    record: Osv
    not_run: frozenset[str] = frozenset()
    """Versions that nobody could run."""
    workarounds: tuple[str, ...] = ()
    clock: str = ""
    """By when, as the table of BOD 26-04 says it; a range where exposure is unknown."""
    to_confirm: bool = False
    page: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """A case that touches a component."""

    case: KnownCase
    exposure: Exposure
    why: str
    """For unknown: why nobody can tell."""
    fixed_in: str
    """The oldest newer release in which this case is fixed; empty when none is known."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A component that at least one case touches, most pressing case first."""

    component: Component
    touches: tuple[Touch, ...]
    upgrade_to: str
    """The oldest newer release that no case at hand touches; empty when none is known."""

    @property
    def is_affected(self) -> bool:
        """Whether one of the cases certainly touches it."""
        return any(one.exposure is Exposure.AFFECTED for one in self.touches)


def exposed(components: Iterable[Component], cases: Sequence[KnownCase]) -> tuple[Exposed, ...]:
    """Return the components that the cases touch, most pressing first; ``cases`` are in the order of work."""
    by_package: dict[tuple[str, str], list[tuple[int, KnownCase]]] = {}
    for position, case in enumerate(cases):
        for key in {package.key for one in case.record.affected if (package := package_of(one)) is not None}:
            by_package.setdefault(key, []).append((position, case))
    found: list[tuple[int, Exposed]] = []
    for component in components:
        near = by_package.get(component.purl.key, []) if component.purl else []
        touches = [(position, touch) for position, case in near if (touch := _touch(component, case)) is not None]
        if touches:
            upgrade = _upgrade(component, [case for _, case in near])
            found.append((touches[0][0], Exposed(component, tuple(one for _, one in touches), upgrade)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (not pair[1].is_affected, pair[0])))


def _touch(component: Component, case: KnownCase) -> Touch | None:
    purl = component.purl
    if purl is None:
        return None
    if not purl.version:
        return Touch(case, Exposure.UNKNOWN, "the file does not say which version is in use", "")
    try:
        hit = affects(case.record, purl)
        fix = _clean_fix(purl, case)
    except Malformed as refusal:
        return Touch(case, Exposure.UNKNOWN, str(refusal), "")
    if purl.version in case.not_run and not any(purl.version in one.versions for one in case.record.affected):
        return Touch(case, Exposure.UNKNOWN, "nobody could run the proof on this version", fix)
    return Touch(case, Exposure.AFFECTED, "", fix) if hit else None


def _clean_fix(purl: Purl, case: KnownCase) -> str:
    """Return the first fix that the case itself does not touch again: lines of releases may overlap."""
    start = purl
    while (fix := first_fixed_after(case.record, start)) is not None:
        start = purl.at(fix)
        if not affects(case.record, start):
            return fix
    return ""


def _upgrade(component: Component, cases: Sequence[KnownCase]) -> str:
    purl = component.purl
    if purl is None or not purl.version:
        return ""
    try:
        fixes = {_clean_fix(purl, case) for case in cases} - {""}
        free = [fix for fix in fixes if not any(affects(case.record, purl.at(fix)) for case in cases)]
        return min(free, key=lambda one: sort_key(purl.type, one), default="")
    except Malformed:
        return ""


def today(one: Exposed) -> str:
    """Return in plain words what to do about a component today."""
    name = one.component.purl.registry_name if one.component.purl else one.component.name
    if not one.is_affected:
        advice = "Find out whether it is affected, and treat it as if it were until then."
        return f"{advice} {_install(one, name)}" if one.upgrade_to else advice
    if one.upgrade_to:
        return _install(one, name)
    fixes = [touch.fixed_in for touch in one.touches if touch.fixed_in]
    if fixes:
        return f"No single release is free of all these cases; {fixes[0]} ends the most pressing one."
    return "No fixed release is known. Keep untrusted input away from it, or take it out of use."


def _install(one: Exposed, name: str) -> str:
    advice = f"Install {name} {one.upgrade_to} or newer."
    if not (_PLAIN_NAME.match(name) and _PLAIN_VERSION.match(one.upgrade_to)) or one.component.purl is None:
        return advice
    if one.component.purl.type == "pypi":
        return f'{advice} With pip: pip install "{name}>={one.upgrade_to}"'
    if one.component.purl.type == "npm":
        return f"{advice} With npm: npm install {name}@{one.upgrade_to}"
    return advice


def until_then(one: Exposed) -> tuple[str, ...]:
    """Return the workarounds that the cases name, each once."""
    return tuple(dict.fromkeys(text for touch in one.touches for text in touch.case.workarounds))


def in_short(found: Sequence[Exposed], *, looked_at: int) -> str:
    """Return the result in one sentence."""
    affected = sum(one.is_affected for one in found)
    unknown = len(found) - affected
    looked = f"{looked_at} package{'' if looked_at == 1 else 's'} looked at"
    if not found:
        return f"None of your packages is touched by these cases ({looked})."
    parts = []
    if affected:
        parts.append(f"{affected} of your packages {'is' if affected == 1 else 'are'} affected")
    if unknown:
        parts.append(f"{unknown} may be affected, nobody could tell")
    return f"{'; '.join(parts)} ({looked})."
