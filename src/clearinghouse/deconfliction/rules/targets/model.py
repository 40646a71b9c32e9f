"""AI models by name: one, or all of a maker whose names begin alike."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from clearinghouse.deconfliction.rules.cells import Cells
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._:@+-]*/[a-z0-9][a-z0-9._:@+/-]*\Z")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Model:
    """``maker/model``; or ``maker/mod*``: all of the maker's whose names begin so."""

    name: str
    """Lower case, without the star."""
    is_prefix: bool = False

    kind = TargetKind.MODEL

    @classmethod
    def read(cls, name: str) -> Self:
        """Return the target that a name writes.

        Raises:
            Malformed: no name of a model, or a star elsewhere than at the end.
        """
        is_prefix = name.endswith("*")
        plain = name.removesuffix("*").lower()
        if len(plain) > _LONGEST or not _NAME.match(plain + "x" * is_prefix):
            raise Malformed(f"{name[:120]!r} is no name of a model; write maker/model or maker/mod*")
        return cls(plain, is_prefix)

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``read`` takes."""
        return {"name": f"{self.name}*" if self.is_prefix else self.name}

    @property
    def cells(self) -> Cells:
        """Where the index finds it."""
        coarse = (f"model {self.name.partition('/')[0]}",)
        return Cells(coarse) if self.is_prefix else Cells(coarse, (f"model {self.name}",))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out of what it names."""
        return True

    def meets(self, other: "Model", *, inside: str = "") -> bool:  # noqa: ARG002 - the same shape as every target
        """Say whether both hold one model."""
        return self.holds(other) or other.holds(self)

    def holds(self, other: "Model") -> bool:
        """Say whether every model of ``other`` is one of this one's."""
        if self.is_prefix:
            return other.name.startswith(self.name)
        return self.name == other.name and not other.is_prefix

    def is_within(self, areas: Sequence["Model"]) -> bool:
        """Say whether every model lies in one of these areas."""
        return any(one.holds(self) for one in areas)
