"""The closed table of reasons: for each code one plain sentence, and what to do next, for people who were not there."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clearinghouse.validation.rules import Reason


@dataclass(frozen=True, slots=True)
class Told:
    """What people are told of one reason."""

    says: str
    """One plain sentence: what was found."""
    helps: str
    """What the finder can do next; who does it, where it is somebody else."""


_HARMLESS = "Give the same calls with harmless values as `benign` of the proof, and hand the report in again."

TABLE: Mapping[Reason, Told] = MappingProxyType(
    {
        Reason.NEVER_SHOWS: Told(
            "The proof did not show on the release that the report names.",
            "Run `clearinghouse report try` on the report: it makes the same runs and shows each of them. Check the "
            "release, the detector, and that the proof hands over `$nonce` or `$canary`, which our detectors look for.",
        ),
        Reason.SHOWS_ON_FIXED: Told(
            "The proof shows on a release that the report itself calls not affected.",
            "Correct `not_affected`, or make the act the target's own: here other code did it.",
        ),
        Reason.FIX_INCOMPLETE: Told(
            "The proof still shows on the release that should be fixed but not on the newest one: "
            "the published fix may be incomplete, or the proof concerns another flaw. A person must look.",
            "Nothing, if the fix is incomplete: a person answers. If another release has the fix, name it under "
            "`not_affected`.",
        ),
        Reason.SHOWS_ON_NULLS: Told(
            "The proof shows even where the target does nothing, so it proves nothing about it.",
            "Let the target do the act: whatever the proof does by itself happens without the target too.",
        ),
        Reason.FOLLOWS_METADATA: Told(
            "The proof follows the version that the target states, not what its code does.",
            "Take out every question about the version, and call the flawed code whatever release it is.",
        ),
        Reason.FOLLOWS_TEXT: Told(
            "The proof follows the text or the names of the target's sources, not what its code does: "
            "with the same code printed anew, or with names of the fix added that do nothing, it no longer shows.",
            "Take out every look at the target's sources, byte code and names, and call the flawed code instead.",
        ),
        Reason.FOLLOWS_TOKEN: Told(
            "The proof shows only with one token; with another in another place it is silent.",
            "Write `$nonce` or `$canary` wherever the token or the place stands; never a fixed text.",
        ),
        Reason.FINDERS_ACT: Told(
            "What was seen was done by the proof's own code, not by the target.",
            "Hand over data only and let the target act; `clearinghouse report record` turns a program into calls.",
        ),
        Reason.UNSEEN_ACT: Told(
            "Inside the process the act was reported, but from outside nobody saw the kernel being asked to do it. "
            "A person must look.",
            "A person answers. Let the target do the act so that it really happens, and hand the report in again.",
        ),
        Reason.BELOW_HOOK: Told(
            "The act was seen from outside the process only, so a machine cannot tell whose code did it. "
            "A person must look.",
            "A person answers. The same act as `calls` needs nobody: there the step that did it is known.",
        ),
        Reason.NOBODY_BLAMED: Told(
            "The act was seen, but not whose code did it: it was found afterwards, or by code that names no file. "
            "A person must look.",
            "A person answers. The same act as `calls` needs nobody: there no code of the finder's runs.",
        ),
        Reason.TAMPERED: Told(
            "The proof tampered with what watches it.",
            "Take out whatever touches the runner: tracing, garbage collector, code objects, files under /proc.",
        ),
        Reason.CHANGES_TARGET: Told(
            "The proof's program changes a value in a module that is not its own before the act. "
            "A person must say whether that is a setting everybody may use.",
            "Leave the target's modules as they are; where it is a documented setting, say so under `environment`.",
        ),
        Reason.DATA_DECIDES: Told(
            "What decides is data that the later release brought, not its code: with that data alone the proof is "
            "silent. A person must say whether the data was wrong.",
            "A person answers. The sentence of the documentation that the old data breaks helps them.",
        ),
        Reason.DOCUMENTED_USE: Told(
            "The proof shows on the release that the report calls fixed and on the newest one alike: "
            "documented use, or a flaw that was never fixed. A person must say which.",
            "A person answers. A patch, and the sentence of the documentation that this breaks, help them.",
        ),
        Reason.LEAVES_TARGET: Told(
            "The proof calls something that is not the target's own public interface.",
            "Name public functions, classes and methods of the target only; no underscore, no module that it imports.",
        ),
        Reason.BRANCHES: Told(
            "A later step rests on what an earlier one returned, so the list of calls takes another path "
            "where the flaw is fixed; the act itself may be an ordinary one.",
            "Write the value out instead of passing on the result of an earlier step, and hand the report in again.",
        ),
        Reason.BENIGN_FIRES: Told(
            "The harmless form of the proof shows too, so the witness says nothing about the flaw.",
            "Give harmless values in `benign`: the same calls, without what makes them dangerous.",
        ),
        Reason.BENIGN_FAILS: Told(
            "The harmless form of the proof does not run through, so there is no control.",
            "Give values in `benign` that the target accepts on both releases, and hand the report in again.",
        ),
        Reason.BENIGN_UNLIKE: Told(
            "The harmless form does not make the call that the proof makes, so it is no control.",
            "Let `benign` make the call that fires, with the same names of arguments and harmless values.",
        ),
        Reason.NO_BENIGN: Told(
            "The proof has no harmless form (`benign`), so silence elsewhere would mean nothing.",
            _HARMLESS,
        ),
        Reason.FLAKY: Told(
            "The proof shows in some runs and not in others.",
            "Take chance, threads and times out of the proof until it shows in each run; otherwise a person answers.",
        ),
        Reason.CODE_BY_DESIGN: Told(
            "Also the fixed release turns this input into code, so the input may branch inside the target. "
            "A person must look.",
            "A person answers. A proof whose input is no code where the flaw is fixed needs nobody.",
        ),
        Reason.NEEDS_PERSON: Told(
            "The program passed every control but could not be turned into plain calls; "
            "a person or the maintainer confirms before anything is published.",
            "`clearinghouse report record` says what is lost; a proof of kind `calls` needs no person.",
        ),
        Reason.PATCH_ONLY: Told(
            "The proof passed every control, held against the report's own patch because no release is fixed; "
            "a person or the maintainer confirms before anything is published.",
            "A person answers. Once a fixed release is out, name it under `not_affected`.",
        ),
        Reason.DENIED: Told(
            "A person looked at the runs and says that this is no flaw.",
            "Read what they say. A new version of the report, with what they miss, is judged anew.",
        ),
        Reason.ONLY_SPEAKS: Told(
            "The proof only speaks about itself (exit code, output); no detector of ours saw anything.",
            "Let the target reach something that we watch: a process, a file outside, a host, growing time, a crash.",
        ),
        Reason.PROGRAM_DIES: Told(
            "The proof's program ended with an exception, and until then no detector of ours saw anything.",
            "Mend the line that is named; folders and files that it needs must be made by the program itself.",
        ),
        Reason.OTHER_PROCESS: Told(
            "The proof's program starts another process or worker; what happens in there is not watched, "
            "and in the program itself no detector of ours saw anything.",
            "Call the target in the program itself, or start the process with the program's environment and hand over "
            "data only.",
        ),
        Reason.NO_PROOF: Told(
            "The report carries no proof that can be run; it is listed as a claim.",
            "Add a proof: `clearinghouse report new` writes one to fill in.",
        ),
        Reason.NO_CONTROL: Told(
            "The proof shows, but there is neither a fixed release nor a patch to hold against it.",
            "Add a patch, or name a release with the fix under `not_affected`.",
        ),
        Reason.BAD_DOCUMENT: Told(
            "The proof cannot be read as it stands.",
            "Run `clearinghouse report check`, correct what it names, and hand the report in again.",
        ),
        Reason.UNSUPPORTED: Told(
            "Our runner cannot run this kind of proof; that says nothing about the report.",
            "Write the proof in another kind if you can; otherwise it waits for us.",
        ),
        Reason.RELEASE_MISSING: Told(
            "The release that the report names is not on its index.",
            "Name a release that the index holds, in `target`.",
        ),
        Reason.NO_INTERPRETER: Told(
            "No interpreter here can run the release that the report names.",
            "Name a later release that is affected too, if there is one; otherwise it waits for us.",
        ),
        Reason.NO_SANDBOX: Told(
            "No sandbox works here, so nothing was run.",
            "Nothing: whoever runs this clearinghouse mends it, and the report is judged then.",
        ),
        Reason.INFRASTRUCTURE: Told(
            "Something on our side failed; this says nothing about the report.",
            "Nothing: it stays due and is judged again.",
        ),
    }
)
"""Every reason there is; ``docs/reference/reasons.md`` is made from it."""

REASONS: Mapping[Reason, str] = MappingProxyType({code: told.says for code, told in TABLE.items()})
"""The sentence of each reason alone."""


def helps(reason: str) -> str:
    """Return what helps where a judgement gives this reason; empty where it is none of ours."""
    return TABLE[Reason(reason)].helps if reason in TABLE else ""
