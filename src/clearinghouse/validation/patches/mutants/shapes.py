"""Changes to the data of a ``calls`` document that leave its texts alone: sizes, surroundings, containers, order."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.patches.mutants.spellings import Family

type Json = Any
type Document = Mapping[str, Json]
type Shaped = tuple[Family, str, Document]

LARGEST = 2_000_000
"""No ``$repeat`` is made larger than this."""
_TEXTS = frozenset({"$cat", "$nonce", "$canary", "$repeat", "$json"})
_FIXED = frozenset({"$ref", "$target", "$path", "$regex", "$date", "$b64", "$canary", "$nonce", "$callback"})
"""Marks behind which no text of the finder's stands."""
_NAMES = frozenset({"call", "new", "method", "get", "must_raise", "must_not_inherit"})


def is_text(value: Json) -> bool:
    """Say whether a value becomes text."""
    return isinstance(value, str) or (isinstance(value, Mapping) and len(value) == 1 and set(value) <= _TEXTS)


def respelt(value: Json, respell: Callable[[str], str]) -> Json:
    """Return a value with every text in it spelt anew; the names of what is called and what is expected stay."""
    if isinstance(value, str):
        return respell(value)
    if isinstance(value, list):
        return [respelt(one, respell) for one in value]
    if isinstance(value, Mapping) and not (len(value) == 1 and set(value) <= _FIXED):
        return _respelt_mapping(value, respell)
    return value


def _respelt_mapping(value: Mapping[str, Json], respell: Callable[[str], str]) -> Json:
    if set(value) == {"$bytes"}:
        made = respelt(value["$bytes"], respell)
        return {"$bytes": made} if all(ord(one) <= 0xFF for one in str(made)) else value  # noqa: PLR2004 - one byte
    if len(value) == 1 and next(iter(value)).startswith("$"):
        return {mark: respelt(held, respell) for mark, held in value.items()}
    return {respell(key): respelt(one, respell) for key, one in value.items()}


def respelt_steps(document: Document, respell: Callable[[str], str]) -> Document:
    """Return a document whose arguments and files are spelt anew; what is called and what is expected stay."""
    steps = []
    for step in document.get("steps", []):
        changed = dict(step)
        for part in ("args", "kw"):
            if part in step:
                held = step[part]
                changed[part] = (
                    {key: respelt(one, respell) for key, one in held.items()}
                    if isinstance(held, Mapping)
                    else respelt(held, respell)
                )
        steps.append(changed)
    setup = document.get("setup")
    made = {**document, "steps": steps}
    if isinstance(setup, Mapping):
        files = {name: respelt(one, respell) for name, one in (setup.get("files") or {}).items()}
        made["setup"] = {**setup, **({"files": files} if files else {})}
        if setup.get("stdin") is not None:
            made["setup"]["stdin"] = respelt(setup["stdin"], respell)
    return made


def mapped(value: Json, change: Callable[[Json], Json]) -> Json:
    """Return a value in which ``change`` was asked of every part, the innermost first."""
    if isinstance(value, list):
        return change([mapped(one, change) for one in value])
    if isinstance(value, Mapping):
        return change({key: mapped(one, change) for key, one in value.items()})
    return change(value)


def moved(step: Json, by: int) -> Json:
    """Return a step that stands ``by`` places further back, with the steps that it speaks of."""

    def change(value: Json) -> Json:
        return {"$ref": value["$ref"] + by} if isinstance(value, Mapping) and set(value) == {"$ref"} else value

    return mapped(step, change)


def unbound(step: Mapping[str, Json]) -> dict[str, Json]:
    """Return a step without what must hold of it."""
    return {key: held for key, held in step.items() if not key.startswith("must_")}


def in_arguments(document: Document, change: Callable[[Json], Json]) -> Document:
    """Return a document whose arguments and files were changed, each as a whole."""
    steps = [
        {**step, **{part: change(step[part]) for part in ("args", "kw") if part in step}}
        for step in document.get("steps", [])
    ]
    made = {**document, "steps": steps}
    if "setup" in document:
        made["setup"] = change(document["setup"])
    return made


def _arguments(document: Document, change: Callable[[Json], Json]) -> Document:
    """Return a document in whose arguments and files every part was changed."""
    return in_arguments(document, partial(mapped, change=change))


def _wrapped(document: Document, before: str, behind: str) -> Document:
    """Return a document in which every argument that is text has something harmless around it."""

    def around(value: Json) -> Json:
        if isinstance(value, list):
            return [around(one) for one in value]
        if not is_text(value):
            return value
        return {"$cat": [one for one in (before, value, behind) if one != ""]}

    steps = [{**step, **({"args": around(step["args"])} if "args" in step else {})} for step in document["steps"]]
    return {**document, "steps": steps}


def sizes(document: Document) -> Iterator[Shaped]:
    """Yield the document with each repetition four times, twice, and half as long."""
    for factor, what in ((4.0, "four times as much"), (2.0, "twice as much"), (0.5, "half as much")):

        def change(value: Json, factor: float = factor) -> Json:
            repeated = value.get("$repeat") if isinstance(value, Mapping) else None
            if isinstance(repeated, list) and isinstance(repeated[1], int):
                return {"$repeat": [repeated[0], min(LARGEST, max(1, int(repeated[1] * factor)))]}
            return value

        yield Family.SIZE, what, _arguments(document, change)

    def longer(value: Json) -> Json:
        repeated = value.get("$repeat") if isinstance(value, Mapping) else None
        if isinstance(repeated, list) and repeated[1] == "$n" and isinstance(repeated[0], str):
            return {"$cat": [value, repeated[0]]}
        return value

    yield Family.SIZE, "one more than its size", _arguments(document, longer)


def surroundings(document: Document, benign: Document | None) -> Iterator[Shaped]:
    """Yield the document with harmless content around its texts: a few characters, their own, the harmless form's."""
    for before, behind in (("", " "), (" ", ""), ("", "\n"), ("\n", ""), ("x", ""), ("", "x"), ("a ", " b"), ("0", "")):
        what = f"{before!r} before and {behind!r} behind its texts"
        yield Family.AROUND, what, _wrapped(document, before, behind)

    def begun_twice(value: Json) -> Json:
        parts = value.get("$cat") if isinstance(value, Mapping) else None
        return {"$cat": [parts[0], *parts]} if isinstance(parts, list) and len(parts) > 1 else value

    yield Family.AROUND, "the first part of what is put together, twice", _arguments(document, begun_twice)
    twin = _twin(document, benign)
    if twin is None:
        return
    for separator in ("\n", " ", "", ","):
        for first in (True, False):
            where = "before" if first else "behind"
            what = f"the harmless form's content {where} it, with {separator!r} between"
            yield Family.AROUND, what, _beside(document, twin, separator, benign_first=first)


def _twin(document: Document, benign: Document | None) -> Document | None:
    """Return the harmless form when it makes the same calls in the same order."""
    if benign is None or len(benign.get("steps", [])) != len(document["steps"]):
        return None
    pairs = zip(document["steps"], benign["steps"], strict=True)
    return benign if all(one.get(kind) == two.get(kind) for one, two in pairs for kind in _NAMES) else None


def _beside(document: Document, twin: Document, separator: str, *, benign_first: bool) -> Document:
    def joined(own: Json, harmless: Json) -> Json:
        if isinstance(own, list) and isinstance(harmless, list):
            if len(own) == len(harmless):
                return [joined(*pair) for pair in zip(own, harmless, strict=True)]
            return [*harmless, *own] if benign_first else [*own, *harmless]
        if own == harmless or not (is_text(own) and is_text(harmless)):
            return own
        parts = [harmless, separator, own] if benign_first else [own, separator, harmless]
        return {"$cat": [one for one in parts if one != ""]}

    steps = [
        {**own, **({"args": joined(own["args"], twin["steps"][index].get("args", []))} if "args" in own else {})}
        for index, own in enumerate(document["steps"])
    ]
    return {**document, "steps": steps}


def containers(document: Document, runtime: Runtime) -> Iterator[Shaped]:
    """Yield the document with equivalent containers: tuples for lists, in Python."""
    if runtime is Runtime.PYTHON:
        top = {"$tuple": None}

        def tupled(value: Json) -> Json:
            return {next(iter(top)): value} if isinstance(value, list) else value

        steps = [
            {**step, **({"args": [tupled(one) for one in step["args"]]} if "args" in step else {})}
            for step in document["steps"]
        ]
        yield Family.CONTAINERS, "tuples for lists", {**document, "steps": steps}


def canaries(document: Document) -> Iterator[Shaped]:
    """Yield the document with the canary named in other ways that lead to the same file."""
    folder = [{"$nonce": True}, "/leaf-", {"$nonce": True}]
    ways: tuple[tuple[str, Json], ...] = (
        ("the absolute path", {"$canary": "absolute"}),
        ("the relative path", {"$canary": "relative"}),
        ("the way up to the root and down again", {"$cat": [f"..{'/..' * 11}", {"$canary": "absolute"}]}),
        ("the relative path behind a folder", {"$cat": ["a/../", {"$canary": "relative"}]}),
        ("the relative path behind ./", {"$cat": ["./", {"$canary": "relative"}]}),
        ("the absolute path with two slashes", {"$cat": ["/", {"$canary": "absolute"}]}),
        ("the relative path with slashes doubled", {"$cat": ["..//zone-", *folder[:1], "//leaf-", folder[2]]}),
        ("the relative path by way of a folder above", {"$cat": ["../../job/zone-", *folder]}),
        ("the relative path with backslashes", {"$cat": ["..\\zone-", folder[0], "\\leaf-", folder[2]]}),
        ("the relative path with %2e%2e", {"$cat": ["%2e%2e/zone-", *folder]}),
        ("the relative path with %2f", {"$cat": ["..%2fzone-", folder[0], "%2fleaf-", folder[2]]}),
        ("the relative path with dots doubled", {"$cat": ["....//zone-", *folder]}),
        ("as an address of a file", {"$cat": ["file://", {"$canary": "absolute"}]}),
    )
    for what, way in ways:

        def change(value: Json, way: Json = way) -> Json:
            return way if isinstance(value, Mapping) and set(value) == {"$canary"} else value

        yield Family.PATHS, what, _arguments(document, change)


def orders(document: Document, benign: Document | None) -> Iterator[Shaped]:
    """Yield the document with its calls made after harmless ones, and made twice."""
    steps = list(document["steps"])
    if benign is not None and not _needs_setup(benign) and not document.get("returned_code"):
        harmless = list(benign["steps"])
        shifted = [moved(one, len(harmless)) for one in steps]
        bare = [unbound(one) for one in harmless]
        yield Family.ORDER, "the harmless calls made first", {**document, "steps": [*bare, *shifted]}
    again = [moved(one, len(steps)) for one in steps]
    yield Family.ORDER, "every call made twice", {**document, "steps": [*steps, *again]}


def _needs_setup(document: Document) -> bool:
    return bool(document.get("setup")) or bool(document.get("returned_code"))
