"""Targets of all kinds: read, written as plain data, held against each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from clearinghouse.deconfliction.rules.cells import MOST, Locks, locks_of
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Malformed, Refused, Violations
from clearinghouse.strict import load_json

type Target = Software | Repository | Network | Host | Model
type Written = Mapping[str, Any] | str
"""A target as plain data, or as one word: a purl, an address, a block, a host, ``model:maker/name``."""

MOST_TARGETS: Final = 256
_READ: Final[Mapping[TargetKind, Callable[..., Target]]] = {
    TargetKind.SOFTWARE: Software.read,
    TargetKind.REPOSITORY: Repository.read,
    TargetKind.NETWORK: Network.read,
    TargetKind.HOST: Host.read,
    TargetKind.MODEL: Model.read,
}
_PARTS: Final[Mapping[TargetKind, tuple[str, tuple[str, ...]]]] = {
    TargetKind.SOFTWARE: ("package", ("versions", "paths")),
    TargetKind.REPOSITORY: ("url", ("commits", "paths")),
    TargetKind.NETWORK: ("block", ("ports",)),
    TargetKind.HOST: ("name", ()),
    TargetKind.MODEL: ("name", ()),
}
"""Of each kind: the part that must be there, and those that may."""


def target_of(plain: Mapping[str, Any]) -> Target:
    """Return the target that plain data describes: ``{"kind": "network", "block": "203.0.113.0/24", "ports": "22"}``.

    Raises:
        Malformed: no such kind, a part that is missing, too much or no text, or one that says nothing sensible.
    """
    try:
        kind = TargetKind(plain["kind"])
    except (KeyError, ValueError):
        kinds = ", ".join(TargetKind)
        raise Malformed(f"a target of kind {plain.get('kind')!r}; write one of {kinds}") from None
    needed, others = _PARTS[kind]
    parts = {name: value for name, value in plain.items() if name != "kind"}
    unknown = sorted(set(parts) - {needed, *others})
    if unknown or needed not in parts:
        raise Malformed(f"a {kind} has {needed}, and may have {', '.join(others) or 'nothing else'}; not {unknown}")
    for name, value in parts.items():
        if not isinstance(value, str):
            raise Malformed(f"{name} of a {kind} is {type(value).__name__}; write text")
    return _READ[kind](parts.pop(needed), **parts)


def plain_of(target: Target) -> dict[str, Any]:
    """Return a target as plain data, which ``target_of`` reads; parts that say nothing are left out."""
    return {"kind": target.kind.value, **{name: value for name, value in target.plain().items() if value}}


def target_from(written: Written) -> Target:
    """Return a target that is written as plain data, as JSON of it, or as one word.

    Raises:
        Malformed: it is none, or its versions have no place in the order of its kind.
    """
    if not isinstance(written, str):
        return _with_versions(target_of(written))
    if written.lstrip().startswith("{"):
        try:
            plain = load_json(written.encode())
        except Refused as refusal:
            said = f"{written[:80]!r} begins like JSON and is none: {refusal}; or write a word, such as pkg:pypi/name"
            raise Malformed(said) from None
        return _with_versions(target_of(plain))
    return target_from_text(written)


def _with_versions(target: Target) -> Target:
    if isinstance(target, Software):
        target.check_versions()
    return target


def targets_from(written: Sequence[Written]) -> tuple[Target, ...]:
    """Return the targets that are written.

    Raises:
        Refused: there are more than one announcement holds, or some of them are none; each of these is named.
    """
    wrong, read = Violations(), []
    with wrong.of("targets"):
        _check_count(written)
    wrong.demand_none()
    for number, one in enumerate(written):
        with wrong.of(f"targets[{number}]"):
            read.append(target_from(one))
    wrong.demand_none()
    return tuple(read)


def target_from_text(text: str) -> Target:
    """Return the target that one word writes: a purl, an address, a block, a host, or ``model:maker/name``.

    Raises:
        Malformed: it is none of these, or its version has no place in the order of its kind.
    """
    word = text.strip()
    if word.startswith("pkg:"):
        return _with_versions(Software.read(word))
    if word.startswith("model:"):
        return Model.read(word.removeprefix("model:"))
    if "://" in word or word.startswith("git@"):
        return Repository.read(word)
    if ":" in word or word.partition("/")[0].replace(".", "").isdigit():
        return Network.read(word)
    return Host.read(word)


def check_targets(targets: Sequence[Target]) -> Locks:
    """Return what a writer of these targets locks.

    Raises:
        Malformed: there is none, one stands twice, or there are more than one announcement holds.
    """
    _check_count(targets)
    if len(set(targets)) < len(targets):
        twice = next(one for number, one in enumerate(targets) if one in targets[:number])
        raise Malformed(f"{plain_of(twice)} stands twice; name each target once")
    cells = sum(len(one.cells.written) for one in targets)
    if cells > MOST:
        raise Malformed(f"these targets spread over {cells} cells of the index; at most {MOST}: split them")
    return locks_of(one.cells for one in targets)


def _check_count(targets: Sequence[object]) -> None:
    if not targets:
        raise Malformed("no target is named; name at least one")
    if len(targets) > MOST_TARGETS:
        pieces = -(-len(targets) // MOST_TARGETS)
        raise Malformed(f"{len(targets)} targets; at most {MOST_TARGETS} at a time: split them into {pieces}")


def meets(one: Target, other: Target) -> bool:
    """Say whether two targets have something in common, by themselves: mappings are another question."""
    return one.kind is other.kind and one.meets(cast("Any", other))


def meets_inside(one: Target, other: Target, owned: Target) -> bool:
    """Say whether two targets have something in common that lies inside of a third, which is owned as a whole."""
    if not one.kind is other.kind is owned.kind:
        return False
    inside = owned.paths.pattern if isinstance(owned, Software | Repository) else ""
    return (
        one.meets(cast("Any", other), inside=inside)
        and owned.meets(cast("Any", one))
        and owned.meets(cast("Any", other))
    )


def check_owned(target: Target) -> Target:
    """Return a target that can be owned: as a whole, so without versions, commits and ports, and with a plain folder.

    Raises:
        Malformed: it leaves something out.
    """
    if not target.is_whole:
        raise Malformed(f"{plain_of(target)}: one owns all versions, commits and ports; leave them out")
    if isinstance(target, Software | Repository) and set(target.paths.pattern) & set("*?"):
        raise Malformed(f"{plain_of(target)}: one owns a plain folder; leave the wildcards out")
    return target
