"""What a server says, read into the typed things of this package.

What a server says besides is passed over, so that a newer one can be asked by an older client. What is missing or is of
another type than was agreed is no answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Protocol, get_args, get_origin, get_type_hints
from uuid import UUID

import httpx

from clearinghouse_client.session import NoAnswer

type Plain = Mapping[str, Any]
"""JSON's object, of which this package does not say more than that."""


class _Unlike(Exception):
    """Something is not as it was agreed."""


class Tagged(Protocol):
    """A thing that is changed by whoever says which version of it was read."""

    @property
    def etag(self) -> str:
        """Of the version that was read."""


def shown[T](kind: type[T], answer: httpx.Response) -> T:
    """Return what an answer shows, with its entity tag if things of this kind keep one.

    Raises:
        NoAnswer: it is not what a clearinghouse answers.
    """
    try:
        said = answer.json()
    except ValueError:
        raise NoAnswer("the server answers, and not in JSON") from None
    made = read(kind, said)
    if hasattr(kind, "etag"):
        return replace(made, etag=answer.headers.get("ETag", ""))  # type: ignore[type-var]  # a dataclass
    return made


def each[T](kind: type[T], rows: Iterable[object]) -> Iterator[T]:
    """Yield what the rows of a list show.

    Raises:
        NoAnswer: one is not what a clearinghouse answers.
    """
    for row in rows:
        yield read(kind, row)


def read[T](kind: type[T], said: object) -> T:
    """Return JSON as a thing of one kind.

    Raises:
        NoAnswer: it is not what a clearinghouse answers.
    """
    try:
        made: T = _read(kind, said, kind.__name__)
    except _Unlike as unlike:
        raise NoAnswer(f"the server answers, and not as a clearinghouse does: {unlike}") from None
    return made


def decided_on(thing: Tagged) -> Mapping[str, str]:
    """Return the header that says which version a change was decided on.

    Raises:
        ValueError: the thing does not say it; read it again by itself.
    """
    if not thing.etag:
        raise ValueError("this thing was not read by itself, so it names no version; read it, and decide on that")
    return {"If-Match": thing.etag}


@cache
def _hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a class
    return get_type_hints(kind)


def _read(kind: Any, said: Any, where: str) -> Any:  # noqa: ANN401 - a type, JSON, and what becomes of it
    if isinstance(kind, UnionType):
        inner = next(one for one in get_args(kind) if one is not NoneType)
        return None if said is None else _read(inner, said, where)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one, where) for one in _of(list, said, where))
    if is_dataclass(kind):
        return _thing(kind, _of(dict, said, where), where)
    return _value(kind, said, where)


def _value(kind: Any, said: Any, where: str) -> Any:  # noqa: ANN401 - as above
    if kind in {UUID, datetime}:
        return _parsed(kind, _of(str, said, where), where)
    if kind is float and type(said) is int:
        return float(said)
    return _of(dict if kind is Plain else kind, said, where)


def _thing(kind: Any, said: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401 - as above
    hints, given = _hints(kind), {}
    for field in fields(kind):
        if field.name in said:
            given[field.name] = _read(hints[field.name], said[field.name], f"{where}.{field.name}")
        elif field.default is MISSING:
            raise _Unlike(f"{where} has no {field.name}")
    return kind(**given)


def _parsed(kind: Any, said: str, where: str) -> Any:  # noqa: ANN401 - as above
    try:
        return datetime.fromisoformat(said) if kind is datetime else UUID(said)
    except ValueError:
        raise _Unlike(f"{where} is no {kind.__name__}") from None


def _of(kind: type, said: Any, where: str) -> Any:  # noqa: ANN401 - as above
    """Return it, if it is of exactly this type: JSON's true is no number."""
    if type(said) is not kind:
        raise _Unlike(f"{where} is no {kind.__name__}")
    return said
