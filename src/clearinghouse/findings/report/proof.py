"""The proof of vulnerability: an input or a list of calls that shows the flaw, with a witness the judge can see."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from clearinghouse.findings.report.fields import ExceptionName, FileName, Line, Part, YesNo, wrong, wrong_together
from clearinghouse.findings.report.paths import path_trouble

Runtime = Literal["python", "node"]
Kind = Literal["calls", "input", "program"]
DetectorName = Literal[
    "command-execution",
    "file-write",
    "file-read",
    "network",
    "growth",
    "hang",
    "exception",
    "pollution",
    "crash",
    "invariant",
]
DETECTORS: tuple[str, ...] = get_args(DetectorName)

LONGEST_SECONDS = 120
LARGEST_SIZE = 10_000_000
HOST_CHARACTERS = 253

_ENDINGS = {
    ("calls", "python"): (".yaml", ".yml", ".json"),
    ("calls", "node"): (".yaml", ".yml", ".json"),
    ("program", "python"): (".py",),
    ("program", "node"): (".js", ".cjs", ".mjs"),
}
_Found = Iterator[tuple[tuple[str | int, ...], PydanticCustomError]]


class Expect(Part):
    """What exactly the detector should see."""

    exception: ExceptionName | None = None
    """Name of the exception's type, for the detector ``exception``."""
    path: Literal["absolute", "relative", "name"] | None = None
    """How the canary is named, for ``file-read`` and ``file-write``."""
    host: Annotated[Line, Field(max_length=HOST_CHARACTERS)] | None = None
    """Part of the host that is asked for, for ``network``."""


class Harness(Part):
    """What of the target's own reads the input: a function, a module that can be run, or a program of the package."""

    call: Annotated[Line, Field(max_length=300)] | None = None
    """Path of a function of the target, as in a ``calls`` document."""
    as_: Annotated[Literal["bytes", "text", "path", "stream"] | None, Field(alias="as")] = None
    """How the function gets the input: as its only argument of this kind."""
    stdin: YesNo = False
    """The input stands on standard input instead."""
    module: Annotated[Line, Field(max_length=300)] | None = None
    """Module to run, as ``python -m`` does."""
    bin: Annotated[Line, Field(max_length=200)] | None = None
    """Program of the npm package, by its name in ``bin``."""
    args: Annotated[tuple[Annotated[str, Field(max_length=2_000)], ...], Field(max_length=32)] = ()
    """Arguments; ``$input`` stands for the path of the input."""


class Proof(Part):
    """One proof and its harmless twin."""

    runtime: Runtime
    kind: Kind
    entry: FileName
    """The ``calls`` document, the input, or the program."""
    detector: DetectorName
    expect: Expect = Expect()
    benign: FileName | None = None
    """The same on harmless values: without it there is no control."""
    harness: Harness | None = None
    """Only for ``input``, and required there."""
    sizes: Annotated[tuple[StrictInt, ...], Field(min_length=4, max_length=8)] | None = None
    """Only for ``growth``, and required there: the values of ``$n``, growing."""
    limit_seconds: Annotated[StrictInt, Field(ge=1, le=LONGEST_SECONDS)] = 20

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong_together(type(self), [*self._about_files(), *self._about_harness(), *self._about_detector()])
        return self

    def _about_files(self) -> _Found:
        endings = _ENDINGS.get((self.kind, self.runtime))
        for field, name in (("entry", self.entry), ("benign", self.benign)):
            if endings and name and not name.lower().endswith(endings):
                reason = f"{name} does not look like a proof of kind {self.kind} for {self.runtime}"
                yield (field,), wrong("wrong-file-kind", reason, f"name a file that ends in {', '.join(endings)}")

    def _about_harness(self) -> _Found:
        if self.kind != "input":
            if self.harness is not None:
                fix = "remove harness, or make the proof's kind input"
                yield ("harness",), wrong("not-for-this-kind", f"a proof of kind {self.kind} has no harness", fix)
            return
        if self.harness is None:
            fix = "add harness: {call: pkg.function, as: bytes}, or module, or bin"
            yield ("harness",), wrong("missing", "an input needs something of the target's that reads it", fix)
            return
        for place, error in harness_trouble(self.harness, self.runtime):
            yield ("harness", *place), error

    def _about_detector(self) -> _Found:
        detector = self.detector
        if detector == "exception" and self.expect.exception is None:
            fix = "add expect: {exception: TypeName}"
            yield ("expect", "exception"), wrong("missing", "the exception's type is not named", fix)
        for field, takers in (
            ("exception", ("exception",)),
            ("path", ("file-read", "file-write")),
            ("host", ("network",)),
        ):
            if getattr(self.expect, field) is not None and detector not in takers:
                reason = f"{detector} does not look at {field}"
                yield (
                    ("expect", field),
                    wrong("not-for-this-detector", reason, f"remove it, or use {' or '.join(takers)}"),
                )
        if detector == "pollution" and self.runtime != "node":
            yield (
                ("detector",),
                wrong("not-for-this-runtime", "only Node has prototypes to pollute", "use another detector"),
            )
        if detector in ("growth", "invariant") and self.kind != "calls":
            reason = f"{detector} is judged on a list of calls only, not on {self.kind}"
            yield ("kind",), wrong("needs-calls", reason, "write the proof as a calls document")
        yield from self._about_sizes()

    def _about_sizes(self) -> _Found:
        if self.detector != "growth":
            if self.sizes is not None:
                reason = f"{self.detector} is not measured over sizes"
                yield ("sizes",), wrong("not-for-this-detector", reason, "remove sizes, or use growth")
            return
        if self.sizes is None:
            fix = "add sizes: [1000, 2000, 4000, 8000]"
            yield ("sizes",), wrong("missing", "growth is measured over sizes, and none are given", fix)
            return
        if self.sizes[0] < 1 or self.sizes[-1] > LARGEST_SIZE:
            yield (
                ("sizes",),
                wrong("out-of-bounds", "a size is out of bounds", f"use whole numbers from 1 to {LARGEST_SIZE}"),
            )
        if any(later <= earlier for earlier, later in pairwise(self.sizes)):
            yield ("sizes",), wrong("not-growing", "the sizes do not grow strictly", "put them in order, each once")


def harness_trouble(harness: Harness, runtime: str) -> _Found:
    """Yield what is wrong with a harness for ``runtime``, each at its field."""
    ways = [name for name in ("call", "module", "bin") if getattr(harness, name) is not None]
    if len(ways) != 1:
        reason = f"it has {' and '.join(ways) or 'none of call, module and bin'}"
        yield (), wrong("not-one-of", reason, "give exactly one of call, module and bin")
    elif harness.call is not None:
        yield from _about_function(harness, harness.call, runtime)
    else:
        yield from _about_program(harness, runtime)


def _about_function(harness: Harness, path: str, runtime: str) -> _Found:
    trouble = path_trouble(path, runtime)
    if trouble:
        yield ("call",), wrong("leaves-target", f"{path[:80]}: {trouble}", "name a public function of the target")
    if (harness.as_ is None) == (not harness.stdin):
        yield (), wrong("not-one-of", "the function gets the input by as or by stdin", "give one of as and stdin: true")
    if harness.args:
        yield ("args",), wrong("not-for-this-kind", "a called function gets the input alone", "remove args")


def _about_program(harness: Harness, runtime: str) -> _Found:
    if harness.as_ is not None:
        yield ("as",), wrong("not-for-this-kind", "as says how a function gets the input", "remove as")
    if not harness.stdin and "$input" not in " ".join(harness.args):
        yield ("args",), wrong("missing", "nothing says how the program gets the input", 'add "$input", or stdin: true')
    if harness.bin is not None and runtime != "node":
        yield ("bin",), wrong("not-for-this-runtime", "bin is an npm package's", "use module or call")
    if harness.module is not None and runtime != "python":
        yield ("module",), wrong("not-for-this-runtime", "module is Python's", "use bin or call")
    elif harness.module is not None and path_trouble(harness.module, "python", module=True):
        yield (
            ("module",),
            wrong("leaves-target", "it is not a public module", "name a module of the target, as pkg.tool"),
        )
