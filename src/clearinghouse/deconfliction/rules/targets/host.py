"""Hosts by name: one, or a domain with everything below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from clearinghouse.deconfliction.rules.cells import Cells
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_LONGEST: Final = 253
_DOMAIN_LABELS: Final = 2


@dataclass(frozen=True, slots=True)
class Host:
    """``www.example.org``; or ``*.example.org``: the domain and everything below it."""

    name: str
    is_domain: bool = False

    kind = TargetKind.HOST

    @classmethod
    def read(cls, name: str) -> Self:
        """Return the target that a name writes.

        Raises:
            Malformed: no host name, a star elsewhere than at the start, or a whole top-level domain.
        """
        is_domain = name.startswith("*.")
        plain = name.removeprefix("*.").removesuffix(".").lower()
        labels = plain.split(".")
        if len(plain) > _LONGEST or not all(_LABEL.match(one) for one in labels):
            hint = "" if name.isascii() else " in its ASCII form (xn--…)"
            raise Malformed(f"{name[:120]!r} is no host name; write www.example.org or *.example.org{hint}")
        if labels[-1].isdigit():
            raise Malformed(f"{name[:120]!r} is an address; name it as a network")
        if is_domain and len(labels) < _DOMAIN_LABELS:
            raise Malformed(f"*.{plain} is a whole top-level domain; name the domains that you mean")
        return cls(plain, is_domain)

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``read`` takes."""
        return {"name": f"*.{self.name}" if self.is_domain else self.name}

    @property
    def cells(self) -> Cells:
        """Where the index finds it."""
        coarse = (f"host {'.'.join(self.name.split('.')[-_DOMAIN_LABELS:])}",)
        return Cells(coarse) if self.is_domain else Cells(coarse, (f"host {self.name}",))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out of what it names."""
        return True

    def meets(self, other: "Host", *, inside: str = "") -> bool:  # noqa: ARG002 - the same shape as every target
        """Say whether both hold one name."""
        return self.holds(other) or other.holds(self)

    def holds(self, other: "Host") -> bool:
        """Say whether every name of ``other`` is one of this one's."""
        if self.name == other.name:
            return self.is_domain or not other.is_domain
        return self.is_domain and other.name.endswith(f".{self.name}")

    def is_within(self, areas: Sequence["Host"]) -> bool:
        """Say whether every name lies in one of these areas."""
        return any(one.holds(self) for one in areas)
