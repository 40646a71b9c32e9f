"""The closed table of reasons: one plain sentence for each code, for people who were not there."""

from collections.abc import Mapping
from types import MappingProxyType

from clearinghouse.validation.rules import Reason

REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NEVER_SHOWS: "The proof did not show on the release that the report names.",
        Reason.SHOWS_ON_FIXED: "The proof shows on a release that the report itself calls not affected.",
        Reason.FIX_INCOMPLETE: (
            "The proof still shows on the release that should be fixed but not on the newest one: "
            "the published fix may be incomplete, or the proof concerns another flaw. A person must look."
        ),
        Reason.SHOWS_ON_NULLS: "The proof shows even where the target does nothing, so it proves nothing about it.",
        Reason.FOLLOWS_METADATA: "The proof follows the version that the target states, not what its code does.",
        Reason.FOLLOWS_TEXT: (
            "The proof follows the text or the names of the target's sources, not what its code does: "
            "with the same code printed anew, or with names of the fix added that do nothing, it no longer shows."
        ),
        Reason.FOLLOWS_TOKEN: "The proof shows only with one token; with another in another place it is silent.",
        Reason.FINDERS_ACT: "What was seen was done by the proof's own code, not by the target.",
        Reason.TAMPERED: "The proof tampered with what watches it.",
        Reason.CHANGES_TARGET: (
            "The proof's program changes a value in a module that is not its own before the act. "
            "A person must say whether that is a setting everybody may use."
        ),
        Reason.DOCUMENTED_USE: (
            "The proof shows on the release that the report calls fixed and on the newest one alike: "
            "documented use, or a flaw that was never fixed. A person must say which."
        ),
        Reason.LEAVES_TARGET: "The proof calls something that is not the target's own public interface.",
        Reason.BRANCHES: (
            "A later step rests on what an earlier one returned, so the list of calls takes another path "
            "where the flaw is fixed; the act itself may be an ordinary one."
        ),
        Reason.BENIGN_FIRES: "The harmless form of the proof shows too, so the witness says nothing about the flaw.",
        Reason.BENIGN_FAILS: "The harmless form of the proof does not run through, so there is no control.",
        Reason.BENIGN_UNLIKE: "The harmless form does not make the call that the proof makes, so it is no control.",
        Reason.NO_BENIGN: "The proof has no harmless form (`benign`), so silence elsewhere would mean nothing.",
        Reason.FLAKY: "The proof shows in some runs and not in others.",
        Reason.CODE_BY_DESIGN: (
            "Also the fixed release turns this input into code, so the input may branch inside the target. "
            "A person must look."
        ),
        Reason.NEEDS_PERSON: (
            "The program passed every control but could not be turned into plain calls; "
            "a person or the maintainer confirms before anything is published."
        ),
        Reason.ONLY_SPEAKS: "The proof only speaks about itself (exit code, output); no detector of ours saw anything.",
        Reason.NO_PROOF: "The report carries no proof that can be run; it is listed as a claim.",
        Reason.NO_CONTROL: "The proof shows, but there is neither a fixed release nor a patch to hold against it.",
        Reason.BAD_DOCUMENT: "The proof cannot be read as it stands.",
        Reason.UNSUPPORTED: "Our runner cannot run this kind of proof; that says nothing about the report.",
        Reason.RELEASE_MISSING: "The release that the report names is not on its index.",
        Reason.NO_INTERPRETER: "No interpreter here can run the release that the report names.",
        Reason.NO_SANDBOX: "No sandbox works here, so nothing was run.",
        Reason.INFRASTRUCTURE: "Something on our side failed; this says nothing about the report.",
    }
)
