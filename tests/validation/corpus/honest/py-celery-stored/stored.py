"""A stored result names the class of the exception that it failed with; the reader calls what is named."""

from __future__ import annotations

import dataclasses
import enum
import typing

from celery import Celery


class State(enum.Enum):
    FAILURE = "FAILURE"
    RETRY = "RETRY"


@dataclasses.dataclass(frozen=True)
class Stored:
    """What lies in the result store."""

    module: str
    kind: str
    message: str
    state: State = State.FAILURE

    def as_meta(self) -> dict[str, typing.Any]:
        result = {"exc_module": self.module, "exc_type": self.kind, "exc_message": self.message}
        return {"status": self.state.value, "result": result, "traceback": None, "children": []}


class Harness:
    """Reads what was stored, as AsyncResult.get() does."""

    def __init__(self) -> None:
        self.app = Celery("shop", set_as_current=False)

    def read(self, stored: Stored) -> object:
        return self.app.backend.meta_from_decoded(stored.as_meta())["result"]

    def __enter__(self) -> "Harness":
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()


if __name__ == "__main__":
    with Harness() as harness:
        print(harness.read(Stored("os", "system", "true @@TOKEN@@")))
