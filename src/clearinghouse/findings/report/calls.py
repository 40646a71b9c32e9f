"""The ``calls`` document, version 1: a list of calls into the target with literal arguments, and what must hold.

Data only: no branch, no loop, no comparison by the finder. What can be judged without the target is judged when the
document is taken in, so that a bad one is refused at once, with its step named; the rest is the runner's.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, Discriminator, Field, StrictInt, Tag, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from clearinghouse.findings.report.fields import ExceptionName, Part, YesNo, file_name_trouble, wrong, wrong_together
from clearinghouse.findings.report.paths import PATH_CHARACTERS, package_of, part_trouble, path_trouble
from clearinghouse.findings.report.values import (
    BUILT_BYTES,
    Scene,
    Trouble,
    built_bytes,
    speaks_of_size,
    value_troubles,
)

STEPS = 200
ARGUMENTS = 64
SETUP_FILES = 64
LONGEST_DRAIN = 1_000_000

Runtime = Literal["python", "node"]
Value = Annotated[Any, WithJsonSchema({"$comment": "value"})]
Key = Annotated[str, Field(min_length=1, max_length=200)]
_Found = Iterator[tuple[tuple[str | int, ...], PydanticCustomError]]


class Ref(Part):
    """The result of an earlier step."""

    ref: Annotated[StrictInt, Field(alias="$ref", ge=0, lt=STEPS)]


class Setup(Part):
    """What is there before the first call."""

    stdin: Value = None
    """Text or bytes on standard input."""
    files: Annotated[dict[Key, Value], Field(max_length=SETUP_FILES)] = {}
    """Files in the working directory: name and content."""


class Step(Part):
    """What every step may have: what must hold of its result."""

    must_raise: Literal[True] | ExceptionName | None = None
    """It must raise: anything, or this type."""
    must_not_contain: Value = None
    """Its result must not hold this."""
    must_equal: Value = None
    """Its result must be this."""
    must_not_inherit: Key | None = None
    """No prototype of its result may have this key (Node)."""
    drain: Annotated[StrictInt, Field(ge=1, le=LONGEST_DRAIN)] | None = None
    """Take at most so many items from the result."""

    def expects(self) -> bool:
        """Say whether the step states something that must hold."""
        return bool(self.model_fields_set & {"must_raise", "must_not_contain", "must_equal", "must_not_inherit"})


class Called(Step):
    """What a step that calls something has beside it."""

    args: Annotated[tuple[Value, ...], Field(max_length=ARGUMENTS)] = ()
    kw: Annotated[dict[Key, Value], Field(max_length=ARGUMENTS)] = {}


class Call(Called):
    """Call a function of the target, or one that it returned where ``returned_code`` says so."""

    call: Annotated[str, Field(min_length=1, max_length=PATH_CHARACTERS)] | Ref


class New(Called):
    """Make an object with ``new`` (Node; in Python a class is called)."""

    new: Annotated[str, Field(min_length=1, max_length=PATH_CHARACTERS)]


class Method(Called):
    """Call a method of an earlier result."""

    method: Annotated[str, Field(min_length=1, max_length=200)]
    on: Ref


class Get(Step):
    """Read an attribute of an earlier result."""

    get: Annotated[str, Field(min_length=1, max_length=200)]
    on: Ref


KINDS: Mapping[str, type[Step]] = {"call": Call, "new": New, "method": Method, "get": Get}


def _kind(step: Any) -> str | None:  # noqa: ANN401
    if isinstance(step, Step):
        return type(step).__name__.lower()
    found = [kind for kind in KINDS if isinstance(step, dict) and kind in step]
    return found[0] if len(found) == 1 else None


AnyStep = Annotated[
    Annotated[Call, Tag("call")]
    | Annotated[New, Tag("new")]
    | Annotated[Method, Tag("method")]
    | Annotated[Get, Tag("get")],
    Discriminator(
        _kind,
        custom_error_type="not-one-of",
        custom_error_message="it is not one of call, new, method and get",
        custom_error_context={"fix": "give a step exactly one of call, new, method and get"},
    ),
]


class Calls(Part):
    """A list of calls into the target.

    Validated with the context ``runtime`` (``python`` unless said), ``package`` (the npm package, when known) and
    ``size`` (the largest ``$n``).
    """

    setup: Setup = Setup()
    returned_code: YesNo = False
    """Code that the target returned may be called, because that code is the flaw."""
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, max_length=STEPS)]

    @model_validator(mode="after")
    def _stays_in_the_target(self, info: ValidationInfo) -> Self:
        known: Mapping[str, Any] = info.context or {}
        wrong_together(
            type(self),
            [
                *self._about_values(known.get("runtime", "python")),
                *self._about_paths(known.get("runtime", "python"), known.get("package", "")),
                *self._about_growth(known.get("size", 1)),
            ],
        )
        return self

    def document(self) -> dict[str, Any]:
        """Return the document as JSON types, as the finder wrote it, without ``x-`` keys: what the runner is given."""
        plain = self.model_dump(mode="json", exclude_unset=True)
        return _without_notes(self, plain)

    def speaks_of_size(self) -> bool:
        """Say whether ``$n`` stands anywhere in it."""
        return any(speaks_of_size(value) for _, _, value in self._values())

    def expects(self) -> bool:
        """Say whether any step states something that must hold."""
        return any(step.expects() for step in self.steps)

    def _values(self) -> Iterator[tuple[tuple[str | int, ...], int, Any]]:
        """Yield each value with its place and its step; what the set-up holds stands before step 0."""
        yield ("setup", "stdin"), 0, self.setup.stdin
        for name, content in self.setup.files.items():
            yield ("setup", "files", name), 0, content
        for index, step in enumerate(self.steps):
            kind = _kind(step) or ""
            if isinstance(step, Called):
                for number, argument in enumerate(step.args):
                    yield ("steps", index, kind, "args", number), index, argument
                for name, argument in step.kw.items():
                    yield ("steps", index, kind, "kw", name), index, argument
            for field in ("must_not_contain", "must_equal"):
                yield ("steps", index, kind, field), index, getattr(step, field)

    def _about_values(self, runtime: str) -> _Found:
        for name in self.setup.files:
            unsafe = file_name_trouble(name)
            if unsafe:
                yield ("setup", "files", name), wrong("unsafe-path", f"{name[:60]!r}: {unsafe}", "name it as a.txt")
        files = frozenset(self.setup.files)
        for place, index, value in self._values():
            for trouble in value_troubles(value, Scene(runtime, index, files)):
                yield (*place, *trouble.place), _error(trouble)

    def _about_paths(self, runtime: str, package: str) -> _Found:
        for index, step in enumerate(self.steps):
            kind = _kind(step) or ""
            place = ("steps", index, kind)
            if isinstance(step, Call | New):
                yield from self._about_path(step, (*place, kind), runtime, package)
            elif isinstance(step, Method | Get):
                trouble = part_trouble(getattr(step, kind), runtime)
                if trouble:
                    yield (*place, kind), wrong("leaves-target", trouble, "use a public name")
                if step.on.ref >= index:
                    yield (*place, "on"), _later(step.on.ref)
            yield from self._about_runtime(step, place, runtime)

    def _about_path(self, step: Call | New, place: tuple[str | int, ...], runtime: str, package: str) -> _Found:
        path = step.call if isinstance(step, Call) else step.new
        if isinstance(path, Ref):
            if not self.returned_code:
                fix = "set returned_code: true if that code is the flaw; else call the target"
                yield place, wrong("leaves-target", "it calls what an earlier step returned", fix)
            if path.ref >= cast("int", place[1]):
                yield place, _later(path.ref)
            return
        trouble = path_trouble(path, runtime)
        if trouble:
            yield place, wrong("leaves-target", f"{path[:80]}: {trouble}", "name a public function of the target")
        elif runtime == "node" and package and package_of(path) != package:
            reason = f"{path[:80]} is not in {package}"
            yield place, wrong("leaves-target", reason, f"call into the target, as {package}#name")

    def _about_runtime(self, step: Step, place: tuple[str | int, ...], runtime: str) -> _Found:
        if runtime == "node":
            if isinstance(step, Called) and step.kw:
                yield (*place, "kw"), wrong("not-for-this-runtime", "kw is Python's", "give an object among args")
            return
        if isinstance(step, New):
            yield (*place, "new"), wrong("not-for-this-runtime", "new is Node's", "call the class")
        if step.must_not_inherit is not None:
            reason = "prototypes are Node's"
            yield (
                (*place, "must_not_inherit"),
                wrong("not-for-this-runtime", reason, "use must_not_contain or must_equal"),
            )

    def _about_growth(self, size: int) -> _Found:
        whole = sum(built_bytes(value, size) for _, _, value in self._values())
        if whole > BUILT_BYTES:
            reason = f"its values grow to about {whole} bytes"
            yield (), wrong("too-large", reason, f"stay under {BUILT_BYTES} bytes, the largest size included")


def _later(index: int) -> PydanticCustomError:
    return wrong("unknown-step", f"{index} is not an earlier step", "give the index of an earlier step, counted from 0")


def _error(trouble: Trouble) -> PydanticCustomError:
    return wrong(trouble.code, trouble.reason, trouble.fix)


def _without_notes(model: BaseModel, plain: dict[str, Any]) -> dict[str, Any]:
    """Return ``plain`` without the ``x-`` keys of the format's own mappings; values are left as they are."""
    kept = {key: value for key, value in plain.items() if key not in (model.model_extra or {})}
    for name, field in type(model).model_fields.items():
        key, held = field.alias or name, getattr(model, name)
        if key in kept and isinstance(held, BaseModel):
            kept[key] = _without_notes(held, kept[key])
        elif key in kept and isinstance(held, tuple) and held and isinstance(held[0], BaseModel):
            kept[key] = [_without_notes(one, part) for one, part in zip(held, kept[key], strict=True)]
    return kept
