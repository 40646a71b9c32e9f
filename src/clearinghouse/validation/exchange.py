"""Exchanges arguments of a proof for those of its harmless form, so that it shows which of them the act needs.

A place is a path into the ``calls`` document: an argument, an option in it, an entry of a list, or a file of the
set-up. Pure: what an exchanged proof is follows from the proof and the places alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from clearinghouse.validation.brief import Form, Proof, used_results

type Place = tuple[str | int, ...]

MOST_PLACES: Final = 8
"""Arguments and options in which a proof differs from its harmless form; more are rare, and each costs runs."""
_MISSING: Final = object()
_DEEPEST: Final = 4


def differing(proof: Proof) -> tuple[Place, ...]:
    """Return where the proof and its harmless form differ, in the order of the document; at most ``MOST_PLACES``."""
    return tuple(place for place, _ in _differences(proof))[:MOST_PLACES]


def exchanged(proof: Proof, places: Sequence[Place]) -> Proof:
    """Return the proof with what its harmless form has at ``places``; what is missing there is left out."""
    document: Any = dict(proof.form.document or {})
    harmless = dict(_differences(proof))
    for place in sorted(places, key=lambda one: [str(part).rjust(6, "0") for part in one], reverse=True):
        document = _with(document, place, harmless[place])
    return replace(proof, form=Form("calls", document=document))


def in_words(place: Place) -> str:
    """Return a place as people read it: ``step 0, args[1].variable``."""
    text = ""
    for part in place[2:] if place[0] == "steps" else place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return f"step {place[1]}, {text[1:]}" if place[0] == "steps" else text[1:]


def _differences(proof: Proof) -> list[tuple[Place, Any]]:
    """Return each place with the harmless value that belongs there."""
    if proof.benign is None or not proof.form.document or not proof.benign.document:
        return []
    one, other = proof.form.document, proof.benign.document
    found = list(_apart(one.get("setup") or {}, other.get("setup") or {}, ("setup",)))
    for index, step, twin in _pairs(proof.form.steps(), proof.benign.steps()):
        for part in ("args", "kw"):
            empty: Any = [] if part == "args" else {}
            found += _apart(step.get(part) or empty, twin.get(part) or empty, ("steps", index, part))
    return found


def _pairs(
    steps: Sequence[Mapping[str, Any]], twins: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each step with the next step of the harmless form that makes the same call."""
    left = list(twins)
    for index, step in enumerate(steps):
        twin = next((one for one in left if _called(one) == _called(step)), None)
        if twin is not None:
            left.remove(twin)
            yield index, step, twin


def _called(step: Mapping[str, Any]) -> tuple[str, str]:
    kind = next((one for one in ("call", "new", "method", "get") if one in step), "")
    what = step.get(kind)
    return kind, "returned" if isinstance(what, Mapping) else str(what)


def _apart(one: Any, other: Any, place: Place) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401 - any JSON value
    """Yield the smallest places at which two values differ; a result of another step stays where it is."""
    if one == other:
        return
    if len(place) < _DEEPEST + 3 and _is_plain(one) and _is_plain(other):
        for key in one:
            yield from _apart(one[key], other.get(key, _MISSING), (*place, key))
    elif len(place) < _DEEPEST + 3 and isinstance(one, list) and isinstance(other, list):
        for index, value in enumerate(one):
            yield from _apart(value, other[index] if index < len(other) else _MISSING, (*place, index))
    elif not used_results([{"one": one, "other": None if other is _MISSING else other}]):
        yield place, other


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Say whether a value is a mapping that is no mark."""
    return isinstance(value, Mapping) and not (len(value) == 1 and next(iter(value)).startswith("$"))


def _with(value: Any, place: Place, new: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with another one at a place below it, or without it."""
    if not place:
        return new
    key, rest = place[0], place[1:]
    if isinstance(value, Mapping):
        changed = {name: inner if name != key else _with(inner, rest, new) for name, inner in value.items()}
        return {name: inner for name, inner in changed.items() if inner is not _MISSING}
    changed_list = [inner if index != key else _with(inner, rest, new) for index, inner in enumerate(value)]
    return [inner for inner in changed_list if inner is not _MISSING]
