"""What a runner is told: the form of a proof and the brief made from it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.validation.rules import Detector

WIRE_VERSION = 1
TARGET_ROOT = {Runtime.PYTHON: "/target", Runtime.NODE: "/app/node_modules"}
DEPENDENCIES_ROOT = {Runtime.PYTHON: "/deps", Runtime.NODE: "/app/node_modules"}


@dataclass(frozen=True, slots=True)
class Form:
    """One executable form of a proof: the proof itself, or its harmless twin."""

    mode: str
    """``calls``, ``input``, ``program`` or ``record``."""
    document: Mapping[str, Any] | None = None
    input: bytes = b""
    program: str = ""
    """Name of the program's file among ``files``."""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def steps(self) -> list[Mapping[str, Any]]:
        """Return the steps of a ``calls`` document; none for the other modes."""
        return list(self.document.get("steps", [])) if self.document else []


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of vulnerability, ready to be run."""

    runtime: Runtime
    kind: str
    """As the finder wrote it: ``calls``, ``input`` or ``program``."""
    detector: Detector
    form: Form
    benign: Form | None
    expect: Mapping[str, Any] = field(default_factory=dict)
    harness: Mapping[str, Any] | None = None
    sizes: tuple[int, ...] = ()
    limit_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is new in every run: the key of the channel (hex) and the token."""

    key: str
    token: str


def make_brief(
    proof: Proof,
    form: Form,
    environment: Environment,
    *,
    secrets: Secrets,
    null: str | None = None,
    hold: Mapping[int, Any] | None = None,
    identity: tuple[str, str] | None = None,
) -> bytes:
    """Return the brief for one run, as the runner reads it.

    Args:
        proof: what is run.
        form: which form of it.
        environment: the target as mounted; only its identity is told.
        secrets: key and token of this run.
        null: ``returns`` or ``raises`` for the null targets.
        hold: results (as data) that replace those of the steps, by index.
        identity: name and version to state instead of the environment's own (identity swap).
    """
    runtime = environment.interpreter.runtime
    name = environment.package.rsplit("/", 1)[-1] if runtime is Runtime.PYTHON else environment.names[0]
    root = TARGET_ROOT[runtime] if runtime is Runtime.PYTHON else f"{TARGET_ROOT[runtime]}/{environment.names[0]}"
    document = {
        "v": WIRE_VERSION,
        "key": secrets.key,
        "mode": form.mode,
        "document": form.document,
        "input": base64.b64encode(form.input).decode(),
        "harness": proof.harness,
        "program": form.program,
        "detector": proof.detector.value,
        "expect": dict(proof.expect),
        "token": secrets.token,
        "target": {
            "package": environment.package,
            "name": identity[0] if identity else name,
            "version": identity[1] if identity else environment.version,
            "names": list(environment.names),
            "root": root,
            "deps": DEPENDENCIES_ROOT[runtime],
            "stdlib": environment.interpreter.stdlib,
        },
        "null": null,
        "sizes": list(proof.sizes),
        "beside": _beside(proof, form),
        "hold": {str(index): value for index, value in (hold or {}).items()},
        "limit_seconds": proof.limit_seconds,
    }
    return json.dumps(document, ensure_ascii=True).encode()


def _beside(proof: Proof, form: Form) -> Mapping[str, Any] | None:
    """Return the harmless form that is measured beside the proof: of growth, and where their set-ups cannot meet."""
    if proof.detector is not Detector.GROWTH or proof.benign is None or form is not proof.form:
        return None
    documents = (form.document, proof.benign.document)
    return None if any(not one or one.get("setup") for one in documents) else proof.benign.document


def used_results(steps: list[Mapping[str, Any]]) -> frozenset[int]:
    """Return the indices of steps whose results later steps use."""
    found: set[int] = set()

    def walk(value: Any) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(value, Mapping):
            if set(value) == {"$ref"} and isinstance(value["$ref"], int):
                found.add(value["$ref"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for step in steps:
        walk(dict(step))
    return frozenset(found)


def depends_on(steps: list[Mapping[str, Any]], later: int, earlier: int) -> bool:
    """Say whether step ``later`` needs, directly or through others, the result of step ``earlier``."""
    needed = used_results([steps[later]])
    return earlier in needed or any(depends_on(steps, one, earlier) for one in needed if one < later)
