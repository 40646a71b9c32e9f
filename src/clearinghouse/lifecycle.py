"""States and steps as a table; the same machine for every room."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clearinghouse.errors import StepRefused


@dataclass(frozen=True, slots=True, eq=False)
class Lifecycle[State: StrEnum, Step: StrEnum]:
    """The states a thing may be in and the steps between them.

    ``name`` is ``<room>:<subject>``; together with a step it is the verb that the permissions and the ledger use.
    """

    name: str
    initial: State
    table: Mapping[tuple[State, Step], State]

    def after(self, state: State, step: Step) -> State:
        """Return the state that ``step`` leads to.

        Raises:
            StepRefused: ``step`` does not leave from ``state``.
        """
        try:
            return self.table[state, step]
        except KeyError:
            open_steps = ", ".join(self.steps_from(state)) or "none"
            raise StepRefused(f"{self.name} is {state}: {step} is not open (open: {open_steps})") from None

    def steps_from(self, state: State) -> tuple[Step, ...]:
        """Return the steps open from ``state``, in table order; empty when it is final."""
        return tuple(step for source, step in self.table if source == state)

    def reachable(self) -> frozenset[State]:
        """Return every state that some sequence of steps leads to, the initial one included."""
        found = {self.initial}
        while new := {target for (source, _), target in self.table.items() if source in found} - found:
            found |= new
        return frozenset(found)

    def verbs(self) -> tuple[str, ...]:
        """Return the verb of each step, ``<room>:<subject>:<step>``, each once, in table order."""
        return tuple(dict.fromkeys(f"{self.name}:{step}" for _, step in self.table))

    def mermaid(self) -> str:
        """Return the lifecycle as a Mermaid state diagram, for the docs."""
        lines = [f"    {source} --> {target}: {step}" for (source, step), target in self.table.items()]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.initial}", *lines])
