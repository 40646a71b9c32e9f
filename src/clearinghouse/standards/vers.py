"""Version ranges: ``vers:pypi/>=1.0|<1.4|2.0``.

Exact for ``pypi`` and the semantic versions of ``npm``; other schemes are read, and compared where `versions` can.
Unlike in the tools of an ecosystem, a pre-release lies where the order of versions puts it.

Source: package-url/vers-spec (VERS); docs/decisions/0012.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import itemgetter
from typing import Any
from urllib.parse import quote, unquote

from clearinghouse.errors import Malformed
from clearinghouse.standards.versions import is_ordered, sort_key

_SCHEME = re.compile(r"[a-z][a-z0-9.-]*\Z")
_CONSTRAINT = re.compile(r"(?P<comparator>>=|<=|!=|[<>=])?(?P<version>[^<>=!*|]+)\Z")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UPPER_ESCAPE = re.compile(r"%(?![0-9A-F]{2})")
_NEEDLESS_ESCAPE = re.compile(r"%(?:3[0-9A]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]|2[DE])")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})\Z")
_CONTENT_ID = re.compile(r"(?P<made>[a-z0-9]+:)?(?P<id>[0-9a-fA-F]{7,})\Z")
"""A commit, which may be cut short, or a digest with the way it is made: ``sha256:…``."""
_LONGEST = 100_000
_EXACT = frozenset({"npm", "pypi"})
_UNORDERED = frozenset({"all", "none", "datetime", "lexicographic"})


@dataclass(frozen=True, slots=True)
class Constraint:
    """A comparator (``=  !=  <  <=  >  >=``) and a version."""

    comparator: str
    version: str

    def __str__(self) -> str:
        return ("" if self.comparator == "=" else self.comparator) + quote(self.version, safe=":-._~")


@dataclass(frozen=True, slots=True)
class Vers:
    """A range of versions; without constraints it holds every version (``*``)."""

    scheme: str
    constraints: tuple[Constraint, ...]

    def __str__(self) -> str:
        return f"vers:{self.scheme}/" + ("|".join(map(str, self.constraints)) or "*")

    def __contains__(self, version: str) -> bool:
        """Say whether the range holds ``version``.

        Raises:
            Malformed: it is no version of this scheme, or the scheme has no order here.
        """
        if not self.constraints:
            return True
        tested = sort_key(self.scheme, version)
        keyed = [(one.comparator, sort_key(self.scheme, one.version)) for one in self.constraints]
        named = {comparator for comparator, key in keyed if key == tested}
        if "!=" in named:
            return False
        if named & {"=", "<=", ">="}:
            return True
        bounds = [(comparator[0], key) for comparator, key in keyed if comparator not in ("=", "!=")]
        if not bounds:
            return any(comparator == "!=" for comparator, _ in keyed)
        return _between(_simplified(sorted(bounds, key=itemgetter(1))), tested)


def parse(text: str) -> Vers:
    """Return the range that ``text`` writes in canonical form: sorted, no spaces, no needless escapes.

    Raises:
        Malformed: it is no range, or not canonical; `canonical` forgives order and needless escapes.
    """
    found = _read(text)
    kept = text.removeprefix(f"vers:{found.scheme}/")
    if _UPPER_ESCAPE.search(kept):
        raise Malformed(f"{text!r} has an escape in lower case; write %2F, not %2f")
    if _NEEDLESS_ESCAPE.search(kept):
        raise Malformed(f"{text!r} escapes a character that needs none")
    if found.scheme not in _UNORDERED and _orderable(found) and _sorted(found) != found:
        raise Malformed(f"{text!r} is not sorted by version; right would be {_sorted(found)}")
    return found


def canonical(text: str) -> Vers:
    """Return the range that ``text`` writes, sorted, whatever order it was written in.

    Raises:
        Malformed: it is no range.
    """
    found = _read(text)
    return _sorted(found) if found.scheme not in _UNORDERED and _orderable(found) else found


def from_native(scheme: str, text: str) -> Vers:
    """Return the range that an ecosystem writes in its own way: ``>=1,<2`` (pypi), ``^1.2 || 3.x`` (npm).

    Raises:
        Malformed: it is no range of that ecosystem.
    """
    from univers.nuget import InvalidNuGetVersion
    from univers.version_range import RANGE_CLASS_BY_SCHEMES, InvalidVersionRange

    known: Any = RANGE_CLASS_BY_SCHEMES.get(scheme)
    if known is None:
        raise Malformed(f"ranges of {scheme!r} are not known")
    try:
        return _read(str(known.from_native(text)))
    except (InvalidVersionRange, InvalidNuGetVersion, NotImplementedError, ValueError, TypeError, AttributeError):
        raise Malformed(f"{text!r} is no range of {scheme}") from None


def _read(text: str) -> Vers:
    if len(text) > _LONGEST:
        raise Malformed(f"a range of {len(text)} characters; at most {_LONGEST}")
    if not text.startswith("vers:") or "/" not in text:
        raise Malformed(f"{text[:80]!r} is no version range; write vers:SCHEME/CONSTRAINTS, like vers:pypi/>=1.0|<1.4")
    scheme, _, rest = text.removeprefix("vers:").partition("/")
    if not _SCHEME.match(scheme):
        raise Malformed(f"{scheme!r} is no versioning scheme; write one like pypi or npm")
    if any(one.isspace() or not one.isprintable() for one in rest):
        raise Malformed(f"{text[:80]!r} has white space in it; write none")
    if rest == "*":
        return Vers(scheme, ())
    return Vers(scheme, tuple(_constraint(one, scheme) for one in rest.split("|")))


def _constraint(text: str, scheme: str) -> Constraint:
    found = _CONSTRAINT.match(text)
    if found is None:
        what = "an empty constraint; remove the needless |" if not text else f"the constraint {text[:80]!r}"
        raise Malformed(f"a {scheme} range holds {what}; write a comparator and a version")
    if _PERCENT.search(found["version"]):
        raise Malformed(f"{text[:80]!r} has a % that is no escape; write %25")
    try:
        version = unquote(found["version"], errors="strict")
    except UnicodeDecodeError:
        raise Malformed(f"{text[:80]!r} has escapes that are not UTF-8") from None
    if not version.isprintable():
        raise Malformed(f"{text[:80]!r} escapes a control character")
    if scheme == "datetime" and not _DATETIME.match(version):
        raise Malformed(f"{version[:80]!r} is no RFC 3339 time with upper-case T and Z")
    return Constraint(found["comparator"] or "=", version)


def _orderable(found: Vers) -> bool:
    try:
        for one in found.constraints:
            sort_key(found.scheme, one.version)
    except Malformed:
        return False
    return True


def _sorted(found: Vers) -> Vers:
    return Vers(found.scheme, tuple(sorted(found.constraints, key=lambda one: sort_key(found.scheme, one.version))))


def _simplified(bounds: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return sorted bounds in which ``<`` and ``>`` alternate: the first of those that open, the last that close."""
    kept: list[tuple[str, Any]] = []
    for one in bounds:
        if kept and kept[-1][0] == one[0]:
            if one[0] == "<":
                kept[-1] = one
        else:
            kept.append(one)
    return kept


def _between(bounds: list[tuple[str, Any]], tested: Any) -> bool:  # noqa: ANN401
    """Say whether ``tested``, which no inclusive bound names, lies inside one of the intervals."""
    inside = bounds[0][0] == "<"
    for _, key in bounds:
        if tested < key:
            return inside
        if tested == key:
            return False
        inside = not inside
    return inside


@lru_cache(maxsize=65536)
def overlap(one: str, other: str) -> bool:
    """Say whether two ranges of one scheme, in canonical form, can hold a version in common.

    Between two different versions there is taken to be room for another. Where versions of a scheme have no order here,
    ranges are apart only if both are lists of versions and these differ; a name and an id of content (``latest`` and
    ``sha256:…``, a tag and a commit) may be one thing. What does not fit into the order of a scheme that has one
    (``latest``, ``^1.2.3``) may be any version, so it is taken to overlap.

    Raises:
        Malformed: one is no range.
    """
    first, second = canonical(one), canonical(other)
    if first.scheme != second.scheme:
        return False
    if not first.constraints or not second.constraints:
        return True
    if not is_ordered(first.scheme):
        lists = all(part.comparator == "=" for each in (first, second) for part in each.constraints)
        pairs = product(first.constraints, second.constraints)
        return not lists or any(_may_be_one(one.version, other.version) for one, other in pairs)
    keys = _in_order(first, second)
    if keys is None:
        return True
    return any(_holds(first, keys, place) and _holds(second, keys, place) for place in range(2 * len(keys) + 1))


def _may_be_one(one: str, other: str) -> bool:
    """Say whether two versions of a scheme without an order can be the same thing."""
    first, second = _CONTENT_ID.match(one), _CONTENT_ID.match(other)
    if first is None or second is None:
        return one == other or (first is None) != (second is None)
    if first["made"] != second["made"]:
        return True
    shorter, longer = sorted((first["id"].lower(), second["id"].lower()), key=len)
    return longer.startswith(shorter)


def _in_order(*ranges: Vers) -> list[Any] | None:
    """Return the keys of the versions that some ranges name, in order; None where they have no clear one."""
    try:
        keys = sorted(sort_key(each.scheme, part.version) for each in ranges for part in each.constraints)
    except Malformed:
        return None
    found: list[Any] = []
    for key in keys:
        # Keys of foreign schemes may not be hashed, and some pairs are neither equal nor in order.
        if not found or found[-1] < key:
            found.append(key)
        elif found[-1] != key:
            return None
    return found


def _holds(one: Vers, keys: list[Any], place: int) -> bool:
    """Say whether a range holds a place in the order: a version that a constraint names (odd), or a gap (even)."""
    if not one.constraints:
        return True
    bounds = [(part.comparator, 2 * _rank(keys, sort_key(one.scheme, part.version)) + 1) for part in one.constraints]
    named = {comparator for comparator, at in bounds if at == place}
    if "!=" in named:
        return False
    if named & {"=", "<=", ">="}:
        return True
    sides = [(comparator[0], at) for comparator, at in bounds if comparator not in ("=", "!=")]
    if not sides:
        return any(comparator == "!=" for comparator, _ in bounds)
    return _between(_simplified(sorted(sides, key=itemgetter(1))), place)


def _rank(keys: list[Any], key: Any) -> int:  # noqa: ANN401
    return bisect_left(keys, key)


@lru_cache(maxsize=65536)
def is_part(one: str, other: str) -> bool:
    """Say whether it can be told that every version of one range is in the other.

    Raises:
        Malformed: one is no range.
    """
    first, second = canonical(one), canonical(other)
    if first == second:
        return True
    if first.scheme != second.scheme or not second.constraints:
        return first.scheme == second.scheme
    keys = _in_order(first, second) if first.scheme in _EXACT else None
    if keys is None:
        lists = all(part.comparator == "=" for each in (first, second) for part in each.constraints)
        return bool(lists and first.constraints and {*first.constraints} <= {*second.constraints})
    return all(_holds(second, keys, place) for place in range(2 * len(keys) + 1) if _holds(first, keys, place))
