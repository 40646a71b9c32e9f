"""What a failed validation becomes: our list of problems, each with code, field, reason and fix."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from clearinghouse.errors import Problem

MOST_PROBLEMS = 100
"""More are not listed; a file with so many is not a slip."""

_CODES: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", "add it"),
    "string_type": ("wrong-type", "write text, in quotes if it looks like a number or a word of YAML"),
    "string_too_long": ("too-long", "shorten it"),
    "string_too_short": ("empty", "say something, or leave the key out"),
    "too_long": ("too-many", "send fewer"),
    "too_short": ("too-few", "send more"),
    "int_type": ("wrong-type", "write a whole number, without quotes"),
    "bool_type": ("wrong-type", "write true or false, without quotes"),
    "tuple_type": ("wrong-type", "write a list"),
    "list_type": ("wrong-type", "write a list"),
    "dict_type": ("wrong-type", "write a mapping"),
    "model_type": ("wrong-type", "write a mapping"),
    "model_attributes_type": ("wrong-type", "write a mapping"),
    "greater_than_equal": ("out-of-bounds", "use a larger number"),
    "greater_than": ("out-of-bounds", "use a larger number"),
    "less_than_equal": ("out-of-bounds", "use a smaller number"),
    "less_than": ("out-of-bounds", "use a smaller number"),
}
_STEP_KINDS = frozenset({"call", "new", "method", "get"})
_BRANCHES = frozenset({"str", "constrained-str", "Ref"})
_ONCE = frozenset({"wrong-type", "not-one-of"})


def problems_of(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """Return the problems behind a failed validation of ``model``, each place once with each code."""
    found: dict[tuple[str, str], Problem] = {}
    for line in error.errors(include_url=False):
        place = _place(line["loc"])
        problem = _problem(dict(line), place, model)
        found.setdefault(("" if problem.code in _ONCE else problem.code, problem.field), problem)
    return tuple(found.values())[:MOST_PROBLEMS]


def field_name(place: Iterable[str | int]) -> str:
    """Return a place as people write it: ``proofs[0].expect.path``."""
    written = ""
    for part in place:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f".{part}" if written else part
    return "".join(one if one.isprintable() else "\ufffd" for one in written)


def _place(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the place without what pydantic adds: the kind of a step, the branch of a union."""
    kept: list[str | int] = []
    for index, part in enumerate(loc):
        is_branch = isinstance(part, str) and ("[" in part or part in _BRANCHES)
        is_kind = len(kept) == 2 and kept[0] == "steps" and index == 2 and part in _STEP_KINDS  # noqa: PLR2004
        if not is_kind and not (is_branch and index > 0):
            kept.append(part)
    return tuple(kept)


def _problem(line: dict[str, Any], place: tuple[str | int, ...], model: type[BaseModel]) -> Problem:
    kind, context = line["type"], line.get("ctx", {})
    code, fix = _CODES.get(kind, (kind.replace("_", "-"), context.get("fix", "see the guide to the report format")))
    reason = context.get("reason") or line["msg"]
    if kind == "missing":
        reason = f"{place[-1]} is missing"
    elif kind == "literal_error":
        code, reason, fix = _not_one_of(line)
    elif kind == "unknown-key":
        fix = _nearest(place, model) or fix
    elif "limit_value" in context or any(
        name in context for name in ("max_length", "min_length", "le", "ge", "lt", "gt")
    ):
        fix = f"{fix}: {_bound(context)}"
    return Problem(code, field_name(place), str(reason), str(fix))


def _not_one_of(line: dict[str, Any]) -> tuple[str, str, str]:
    given = line["input"]
    shown = repr(given)[:60] if isinstance(given, str | int | float | bool | None) else f"a {type(given).__name__}"
    expected = str(line["ctx"]["expected"])
    choices = [one.strip("' ") for one in expected.replace(" or ", ", ").split(",")]
    near = difflib.get_close_matches(str(given), choices, n=1)
    return "not-one-of", f"{shown} is not known", f"did you mean {near[0]}?" if near else f"use {expected}"


def _bound(context: Mapping[str, Any]) -> str:
    for name, words in (
        ("max_length", "at most {}"),
        ("min_length", "at least {}"),
        ("le", "at most {}"),
        ("lt", "less than {}"),
        ("ge", "at least {}"),
        ("gt", "more than {}"),
    ):
        if name in context:
            return words.format(context[name])
    return ""


def _nearest(place: tuple[str | int, ...], model: type[BaseModel]) -> str:
    known = _known_keys(place[:-1], model)
    near = difflib.get_close_matches(str(place[-1]).lower(), known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"known here: {', '.join(known)}; or begin it with x-" if known else ""


def _known_keys(place: tuple[str | int, ...], model: type[BaseModel]) -> list[str]:
    """Return the keys of the format at ``place``, by walking the models."""
    here = [model]
    for part in place:
        if isinstance(part, str):
            here = [inner for one in here for inner in _inside(one, part)]
    return sorted({field.alias or name for one in here for name, field in one.model_fields.items()})


def _inside(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return _models(field.annotation)
    return []


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models(part)]
