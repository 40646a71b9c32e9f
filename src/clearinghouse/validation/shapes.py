"""The room's dataclasses as plain data and back."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from clearinghouse.validation.rules import AffectedRange, Judgement, PatchResult, Run


@cache
def _adapter[T](shape: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(shape)


def dump(value: Judgement | AffectedRange | PatchResult | Run) -> Any:  # noqa: ANN401 - plain JSON data
    """Return ``value`` as plain JSON data."""
    return _adapter(type(value)).dump_python(value, mode="json")


def load[T: (Judgement, AffectedRange, PatchResult, Run)](shape: type[T], data: Any) -> T:  # noqa: ANN401
    """Return the ``shape`` that ``data`` writes.

    Raises:
        ValidationError: it is not such a shape.
    """
    return _adapter(shape).validate_python(data)
