"""The room's dataclasses as plain data and back."""

from typing import Any

from pydantic import TypeAdapter

from clearinghouse.validation.lines import AffectedRange
from clearinghouse.validation.rules import Bypass, Judgement, PatchResult, Run

type Shape = Judgement | AffectedRange | PatchResult | Run | Bypass

_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    one: TypeAdapter(one) for one in (Judgement, AffectedRange, PatchResult, Run, Bypass)
}


def dump(value: Shape) -> Any:  # noqa: ANN401 - plain JSON data
    """Return ``value`` as plain JSON data."""
    return _ADAPTERS[type(value)].dump_python(value, mode="json")


def load[T: Shape](shape: type[T], data: object) -> T:
    """Return the ``shape`` that ``data`` writes.

    Raises:
        ValidationError: it is not such a shape.
    """
    loaded: T = _ADAPTERS[shape].validate_python(data)
    return loaded
