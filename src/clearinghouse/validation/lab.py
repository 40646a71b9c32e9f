"""The laboratory: makes the environments a proof is held against and runs it there, each time in a fresh sandbox."""

import hashlib
import json
import random
import string
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from clearinghouse.errors import Malformed, NotPossible
from clearinghouse.releases.rules import Environment, Interpreter, Release, Runtime
from clearinghouse.sandbox.profile import Sandbox
from clearinghouse.validation.brief import TARGET_ROOT, Form, Proof, Secrets
from clearinghouse.validation.launch import Start, launch
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Outcome, Run, VariantName
from clearinghouse.validation.runners import Runners
from clearinghouse.validation.variants import Variants

LETTERS = string.ascii_lowercase
LETTERS_AND_DIGITS = LETTERS + string.digits
if TYPE_CHECKING:  # a room that only reads judgements need not load what fetches releases
    from clearinghouse.releases.environments import Environments
    from clearinghouse.releases.index import Indexes

JUDGE_VERSION = "3"
"""Raise it when what a run means changes: remembered runs of before are then made again."""
NOT_BUILT = "not-built"
"""The fault of a run whose variant cannot be made."""
TOKEN_LENGTH = 18
OTHER_TOKEN_LENGTH = 25


class Memory(Protocol):
    """Remembers runs, so that a stopped clearing goes on where it was."""

    def recall(self, key: str) -> Run | None:
        """Return the run kept under ``key``."""
        ...

    def keep(self, key: str, run: Run) -> Run:
        """Keep a run under ``key`` and return the one that is kept: a twin that came first stays."""
        ...


class Forgetful:
    """A memory for one process: what ``try`` and ``verify`` need."""

    def __init__(self) -> None:
        self._kept: dict[str, Run] = {}

    def recall(self, key: str) -> Run | None:
        """Return the run kept under ``key``."""
        return self._kept.get(key)

    def keep(self, key: str, run: Run) -> Run:
        """Keep a run under ``key`` and return the one that is kept."""
        return self._kept.setdefault(key, run)


@dataclass(frozen=True, slots=True)
class Lab:
    """Everything on this machine that a run needs."""

    indexes: "Indexes"
    environments: "Environments"
    variants: Variants
    runners: Runners
    sandbox: Sandbox
    chance: random.Random = field(default_factory=random.SystemRandom)
    on_run: Callable[[Run], None] = lambda run: None  # noqa: ARG005 - nobody listens

    def release(self, package: str, version: str) -> Release:
        """Return a release of the index.

        Raises:
            NotFound: the index has no such release.
            Unavailable: the index does not answer.
        """
        return self.indexes.release(f"{package}@{version}")

    def secrets(self, *, other: bool = False) -> Secrets:
        """Return a new key and token; ``other`` makes the token longer, as the control with another token wants it."""
        length = OTHER_TOKEN_LENGTH if other else TOKEN_LENGTH
        first = self.chance.choice(LETTERS)
        token = first + "".join(self.chance.choices(LETTERS_AND_DIGITS, k=length - 1))
        return Secrets(key=f"{self.chance.getrandbits(256):064x}", token=token)


@dataclass(slots=True)
class Stand:
    """One proof with the environments it is held against; answers a plan's starts."""

    lab: Lab
    proof: Proof
    vulnerable: Environment
    memory: Memory
    fixed: Environment | None = None
    patched: Environment | None = None
    newest: Environment | None = None
    pool: Executor | None = None

    def run(self, starts: Sequence[Start]) -> list[Run]:
        """Run what a plan asks for, shuffled, and return the runs in the order asked."""
        order = list(range(len(starts)))
        self.lab.chance.shuffle(order)
        done: dict[int, Run] = {}
        if self.pool is None:
            done = {index: self.once(starts[index]) for index in order}
        else:
            waiting = {index: self.pool.submit(self.once, starts[index]) for index in order}
            done = {index: future.result() for index, future in waiting.items()}
        return [done[index] for index in range(len(starts))]

    def once(self, start: Start) -> Run:
        """Run one start, or recall it."""
        try:
            environment, start = self._where(start)
            return self.on(environment, start)
        except (Malformed, NotPossible) as refusal:
            facts = {"fault": "bad-document" if isinstance(refusal, Malformed) else NOT_BUILT}
            why = str(refusal)
            return Run(start.variant, "", start.benign, start.number, Outcome.COULD_NOT_RUN, why=why, facts=facts)

    def on(self, environment: Environment, start: Start) -> Run:
        """Run one start on a given environment, or recall it."""
        key = self.key(environment, start)
        known = self.memory.recall(key)
        if known is None:
            known, _ = self.raw(environment, start)
            if known.outcome is not Outcome.COULD_NOT_RUN or known.facts.get("fault") or known.tampered:
                known = self.memory.keep(key, known)  # what a busy machine cut off is not worth remembering
            self.lab.on_run(known)
        return known

    def raw(self, environment: Environment, start: Start) -> tuple[Run, Records]:
        """Run one start on a given environment, always anew, and return the records too."""
        secrets = self.lab.secrets(other=start.variant is VariantName.TOKEN)
        runner = self.lab.runners.folder(environment.interpreter)
        return launch(self.proof, environment, self.lab.sandbox, start, runner=runner, secrets=secrets)

    def key(self, environment: Environment, start: Start) -> str:
        """Return the content key of a run: same proof, same code, same question."""
        form = self.proof.benign if start.benign and self.proof.benign else self.proof.form
        parts = [
            JUDGE_VERSION,
            self.lab.runners.folder(environment.interpreter).name,
            self.lab.sandbox.tier,
            *(_form_parts(form)),
            self.proof.detector.value,
            json.dumps(dict(self.proof.expect), sort_keys=True),
            json.dumps(self.proof.harness, sort_keys=True),
            repr((self.proof.sizes, self.proof.limit_seconds)),
            *environment.digests,
            "/".join(environment.target.parts[-2:]),
            environment.interpreter.version,
            start.variant.value,
            repr(
                (start.benign, start.number, start.null, sorted((start.hold or {}).items(), key=repr), start.identity)
            ),
            *(
                [repr((start.exchange, start.hooked, *_form_parts(self.proof.benign or form)))]
                if start.exchange
                else []
            ),
            *(["hooked"] if start.hooked else []),
        ]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def _where(self, start: Start) -> tuple[Environment, Start]:
        """Return the environment for a variant; what is no release of the index is made on first use."""
        control = self.patched or self.fixed
        match start.variant:
            case VariantName.FIXED | VariantName.PATCHED | VariantName.EXCHANGED_FIXED if control is not None:
                return control, start
            case VariantName.PROBE if self.newest is not None:
                return self.newest, start
            case VariantName.SWAP_TO_FIXED if self.fixed is not None:
                return self._swapped(self.vulnerable, self.fixed, start), replace(start, identity=_identity(self.fixed))
            case VariantName.SWAP_TO_VULNERABLE if self.fixed is not None:
                swapped = self._swapped(self.fixed, self.vulnerable, start)
                return swapped, replace(start, identity=_identity(self.vulnerable))
            case _:
                return self._rewritten(start), start

    def _rewritten(self, start: Start) -> Environment:
        """Return the release whose sources were written anew for a control; the vulnerable one for all else."""
        variants, control = self.lab.variants, self.patched or self.fixed
        match start.variant:
            case VariantName.REPRINT:
                return variants.reprinted(self.vulnerable)
            case VariantName.GRAFT | VariantName.GRAFT_TEXT if control is not None:
                return variants.grafted(self.vulnerable, control, names=start.variant is VariantName.GRAFT)
            case VariantName.CHANGE_ONLY if self.fixed is not None:
                return variants.exchanged(self.vulnerable, self.fixed, self._inside(start.files))
            case VariantName.CHANGE_UNDONE if self.fixed is not None:
                return variants.exchanged(self.fixed, self.vulnerable, self._inside(start.files))
            case _:
                return self.vulnerable

    def _inside(self, files: Sequence[str]) -> list[str]:
        """Return files as the target has them: node tells whole paths."""
        runtime = self.vulnerable.interpreter.runtime
        root = f"{TARGET_ROOT[runtime]}/{self.vulnerable.names[0]}/" if runtime is Runtime.NODE else ""
        return [one.removeprefix(root) for one in files]

    def _swapped(self, code: Environment, identity: Environment, start: Start) -> Environment:
        return self.lab.variants.swapped(code, version=identity.version, literals=not start.metadata_only)


def _identity(environment: Environment) -> tuple[str, str]:
    return environment.package.rsplit("/", 1)[-1], environment.version


def _form_parts(form: Form) -> list[str]:
    files = [f"{name}:{hashlib.sha256(data).hexdigest()}" for name, data in sorted(form.files.items())]
    return [
        form.mode,
        json.dumps(form.document, sort_keys=True, ensure_ascii=True, default=str),
        hashlib.sha256(form.input).hexdigest(),
        form.program,
        *files,
    ]


def best_environment(lab: Lab, release: Release, *, like: Interpreter | None = None) -> Environment:
    """Return the release put together for the interpreter ``like``, or for the best one that it allows.

    Raises:
        NotPossible: no interpreter here fits, or the release cannot be put together.
        Unavailable: the index does not answer.
    """
    if like is not None and like in lab.environments.interpreters_for(release):
        return lab.environments.environment(release, like)
    troubles = []
    for environment, trouble in lab.environments.one_by_one(release):
        if environment is not None:
            return environment
        troubles.append(trouble)
    raise NotPossible(troubles[0])
