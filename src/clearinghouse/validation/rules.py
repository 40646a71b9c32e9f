"""What runs, witnesses, controls, grades and judgements are."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What a run showed."""

    FIRED = "fired"
    SILENT = "silent"
    COULD_NOT_RUN = "could-not-run"


class FindingOutcome(StrEnum):
    """What a finding turned out to be; the closed table of the design."""

    VALIDATED = "validated"
    CLAIM = "claim"
    REFUSED = "refused"
    HELD = "held"
    NOT_JUDGED = "not-judged"


class Grade(StrEnum):
    """How strong the evidence is."""

    A = "A"
    A_PATCH = "A-patch"
    B = "B"
    C = "C"
    D = "D"


class Detector(StrEnum):
    """What we watch for; a finder names one in the proof."""

    COMMAND_EXECUTION = "command-execution"
    FILE_WRITE = "file-write"
    FILE_READ = "file-read"
    NETWORK = "network"
    GROWTH = "growth"
    HANG = "hang"
    EXCEPTION = "exception"
    POLLUTION = "pollution"
    CRASH = "crash"
    INVARIANT = "invariant"


class Owner(StrEnum):
    """Whose code a stack frame runs."""

    TARGET = "target"
    DEPENDENCY = "dependency"
    LIBRARY = "library"
    """The interpreter's own library."""
    FINDER = "finder"
    RUNNER = "runner"
    UNKNOWN = "unknown"


class VariantName(StrEnum):
    """A form of the target that a proof is run on."""

    VULNERABLE = "vulnerable"
    FIXED = "fixed"
    PATCHED = "patched"
    NULL_RETURNS = "null-returns"
    NULL_RAISES = "null-raises"
    SWAP_TO_FIXED = "swap-to-fixed"
    """The vulnerable code under the fixed release's name and version."""
    SWAP_TO_VULNERABLE = "swap-to-vulnerable"
    """The fixed code under the vulnerable release's name and version."""
    TOKEN = "token"  # noqa: S105
    """The vulnerable release again, with a token and canary of another length in another place."""
    REPRINT = "reprint"
    """The vulnerable release with every source printed anew from its syntax tree."""
    GRAFT = "graft"
    """The vulnerable release with names and text of the fixed one, as code that does nothing."""
    GRAFT_TEXT = "graft-text"
    """The same with dead text only: no new name can be seen from outside."""
    CHANGE_ONLY = "change-only"
    """The vulnerable release with the fixed one's form of the files on the witness's stack, and nothing else of it."""
    CHANGE_UNDONE = "change-undone"
    """The fixed release with the vulnerable one's form of those files."""
    EXCHANGED = "exchanged"
    """The vulnerable release, and the proof with arguments of its harmless form."""
    EXCHANGED_FIXED = "exchanged-fixed"
    """The fixed or patched release, and the proof with arguments of its harmless form."""
    PROBE = "probe"
    """Another release, for the affected range."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One stack frame at the witness."""

    owner: Owner
    module: str
    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Witness:
    """What our detector saw."""

    detector: Detector
    event: str
    """The primitive that was reached: ``os.system``, ``open``, ``child_process.execSync``, ``RecursionError`` …"""
    summary: str
    """One plain sentence that is the same in every run."""
    blamed: Owner
    frames: tuple[Frame, ...] = ()
    """Innermost first, at most 40."""
    argument: str = ""
    """What the act was given, or the value that broke the invariant; our token shown as ``<token>``."""

    def state(self) -> tuple[str, ...]:
        """Return the crash state: the innermost three functions of the target, ``module.function``."""
        names = [f"{one.module}.{one.function}".strip(".") for one in self.frames if one.owner is Owner.TARGET]
        return tuple(names[:3])


@dataclass(frozen=True, slots=True)
class Step:
    """How one step of a ``calls`` document ended."""

    index: int
    ok: bool
    raised: str = ""
    """Type name of what it raised; empty when it did not."""
    value: Any = None
    """The result as data, when it is data and a later step uses it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One start of a proof, or of its benign form, on one variant."""

    variant: VariantName
    version: str
    benign: bool
    number: int
    outcome: Outcome
    why: str = ""
    """For could-not-run: what stood in the way, in words."""
    witness: Witness | None = None
    steps: tuple[Step, ...] = ()
    tampered: str = ""
    points: tuple[tuple[int, float], ...] = ()
    """Growth: (n, best CPU seconds)."""
    beside: tuple[tuple[int, float], ...] = ()
    """Growth: the same of the harmless form, measured in the same process by turns."""
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    pressure: float | None = None
    """Share of the time in which some program of the machine waited for a processor; None: not known."""
    tier: str = ""
    interpreter: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    """Small extras a detector needs later (``code_from_input``, ``exponent``)."""


class ControlName(StrEnum):
    """A question put to the proof."""

    SHOWS = "shows"
    BENIGN = "benign"
    FIXED = "fixed-release"
    NULLS = "null-targets"
    SWAP = "identity-swap"
    TOKEN = "another-token"  # noqa: S105
    BLAME = "blame"
    SEEN_OUTSIDE = "seen-outside"
    HELD_VALUES = "held-values"
    REPEAT = "repeat"
    CODE_BY_DESIGN = "code-by-design"
    RECORDED = "recorded-without-loss"
    NEEDED = "needed-steps"
    REPRINT = "reprint"
    GRAFT = "graft"
    CHANGE = "this-change"
    EXCHANGE = "exchanged-arguments"


class Said(StrEnum):
    """What a control answered. A control that did not run has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not-possible"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Control:
    """A control and its answer."""

    name: ControlName
    said: Said
    why: str


class Reason(StrEnum):
    """Why a finding is not simply validated: closed, stable codes; the sentences stand in ``REASONS``."""

    NEVER_SHOWS = "never-shows"
    SHOWS_ON_FIXED = "shows-on-fixed"
    FIX_INCOMPLETE = "fix-incomplete"
    SHOWS_ON_NULLS = "shows-on-nulls"
    FOLLOWS_METADATA = "follows-metadata"
    FOLLOWS_TEXT = "follows-text"
    FOLLOWS_TOKEN = "follows-token"  # noqa: S105
    FINDERS_ACT = "finders-act"
    UNSEEN_ACT = "unseen-act"
    BELOW_HOOK = "below-hook"
    NOBODY_BLAMED = "nobody-blamed"
    TAMPERED = "tampered"
    CHANGES_TARGET = "changes-target"
    DATA_DECIDES = "data-decides"
    DOCUMENTED_USE = "documented-use"
    LEAVES_TARGET = "leaves-target"
    BRANCHES = "branches"
    BENIGN_FIRES = "benign-fires"
    BENIGN_FAILS = "benign-fails"
    BENIGN_UNLIKE = "benign-unlike"
    NO_BENIGN = "no-benign"
    FLAKY = "flaky"
    CODE_BY_DESIGN = "code-by-design"
    NEEDS_PERSON = "needs-person"
    PATCH_ONLY = "patch-only"
    DENIED = "denied"
    ONLY_SPEAKS = "only-speaks"
    PROGRAM_DIES = "program-dies"
    OTHER_PROCESS = "other-process"
    NO_PROOF = "no-proof"
    NO_CONTROL = "no-control"
    BAD_DOCUMENT = "bad-document"
    UNSUPPORTED = "unsupported"
    RELEASE_MISSING = "release-missing"
    NO_INTERPRETER = "no-interpreter"
    NO_SANDBOX = "no-sandbox"
    INFRASTRUCTURE = "infrastructure"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person said to a question that the runs leave open."""

    question: str
    """Code of the question."""
    yes: bool
    by: str
    """The person's name."""
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a finding turned out to be, and everything that was seen on the way."""

    outcome: FindingOutcome
    grade: Grade | None
    reason: Reason | None
    sentence: str
    """One plain sentence for a person."""
    detector: Detector | None = None
    proof_kind: str = ""
    target: str = ""
    """purl with version."""
    fixed: str = ""
    """purl with version of the release that served as the fixed one; empty when none."""
    controls: tuple[Control, ...] = ()
    runs: tuple[Run, ...] = ()
    state: tuple[str, ...] = ()
    sink: str = ""
    tier: str = ""
    interpreter: str = ""
    document: dict[str, Any] | None = None
    """The ``calls`` that were judged: the finder's own, or those recorded from the program."""
    answers: tuple[Answered, ...] = ()
    """What people said that this judgement rests on."""
    whole_document: dict[str, Any] | None = None
    """The same before the steps that are not needed to fire were left out; None when all are."""


class PatchSaid(StrEnum):
    """What the checks say of a patch."""

    PASSED = "passed"
    HELD = "held"
    REFUSED = "refused"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class PatchCheck:
    """One check of a patch; ``detail`` says what was run."""

    name: str
    said: Said
    detail: str
    found: tuple[str, ...] = ()
    """What it saw, as data: words, names, places, or the forms of the proof that were tried."""


@dataclass(frozen=True, slots=True)
class Bypass:
    """A form of a proof that still fired on a patch: data enough to run it against every later one."""

    detector: Detector
    runtime: str
    kind: str
    """``calls`` or ``input``."""
    what: str
    """In what it differs from the proof that it was made of."""
    source: str
    document: dict[str, Any] | None = None
    input_hex: str = ""
    expect: dict[str, Any] = field(default_factory=dict)
    harness: dict[str, Any] | None = None
    sizes: tuple[int, ...] = ()
    limit_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class PatchResult:
    """A patch and what every check said of it."""

    digest: str
    file: str
    said: PatchSaid
    sentence: str
    checks: tuple[PatchCheck, ...]
    bypasses: tuple[Bypass, ...] = ()
    """The forms that got past it; they are remembered for every later patch of the package."""
