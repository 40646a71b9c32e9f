"""Whether two findings are joined, linked or kept apart: behaviour first, words last.

The questions come in the order of the issue: one accepted patch stops both proofs; the same functions of the target at
the witness; the same affected releases and sink; the same location and weakness. Joined means the same root cause *and*
the same fix. Two flaws that one release fixes share a range and often a patch: neither is enough by itself.

Source: Akrites SIRT, duplicates ("merge only with the same root cause and the same expected fix; uncertain: linked");
docs/decisions/0051.
"""

from collections.abc import Mapping

from clearinghouse.cases.rules.facts import NARROW_REGIONS, SPEECHLESS_SINKS, Answer, Facts, How, Pair, Verdict

APART = Verdict(Answer.APART, None, "nothing that ran, and nothing the reports say, ties them together")


def decide(one: Facts, other: Facts, *, regions: Mapping[str, int]) -> Verdict:
    """Return what is to be done with two findings; the same whichever comes first.

    Args:
        one: a validated finding.
        other: another.
        regions: for each accepted patch, how many places it changes; a patch that is not named counts as broad.
    """
    if one.package != other.package:
        return APART
    first, second = sorted((one, other), key=lambda facts: facts.finding)
    pair = Pair(first, second)
    if pair.shared_patches:
        return _by_patch(pair, regions)
    if pair.resisting:
        return _despite_patch(pair)
    return _by_frames(pair) or _by_range_and_sink(pair) or _by_words(pair) or APART


def _by_patch(pair: Pair, regions: Mapping[str, int]) -> Verdict:
    patch = min(pair.shared_patches, key=lambda digest: (regions.get(digest, 1 << 30), digest))
    narrow = regions.get(patch, 1 << 30) <= NARROW_REGIONS
    evidence = {"patch": patch, "places_changed": regions.get(patch), "state": list(pair.one.state)}
    if pair.resisting:
        evidence["still_fires"] = list(pair.resisting)
        if pair.same_state and narrow:
            return Verdict(
                Answer.JOIN,
                How.PATCH,
                "One accepted patch stops both proofs and both end in the same functions of the target; "
                "another accepted patch stops only one of them and may be too narrow.",
                evidence,
                doubt=3,
            )
        return Verdict(
            Answer.LINK,
            How.PATCH,
            "One accepted patch stops both proofs, but another stops only one of them: it may fix two flaws at once.",
            evidence,
        )
    if narrow:
        why = "The same accepted patch, which changes one place only, stops both proofs."
        return Verdict(Answer.JOIN, How.PATCH, why, evidence, doubt=0 if pair.alike else 1)
    if pair.same_frame and not pair.other_sink:
        why = "The same accepted patch stops both proofs, and both end in the same function of the target."
        return Verdict(Answer.JOIN, How.PATCH, why, evidence, doubt=2)
    if not pair.other_frames and not pair.other_sink and (pair.same_place or _alike_without_frames(pair)):
        agree = "name the same place" if pair.same_place else "call the same function and affect the same releases"
        return Verdict(
            Answer.JOIN, How.PATCH, f"The same accepted patch stops both proofs, and both {agree}.", evidence, doubt=2
        )
    return Verdict(
        Answer.LINK,
        How.PATCH,
        "The same accepted patch stops both proofs, but it changes several places and nothing else ties them together: "
        "one release can fix two flaws.",
        evidence,
    )


def _alike_without_frames(pair: Pair) -> bool:
    return pair.same_entry and pair.same_range and pair.same_sink


def _despite_patch(pair: Pair) -> Verdict:
    """Their fixes differ, as far as was tried: at most a link."""
    evidence = {"still_fires": list(pair.resisting), "state": list(pair.one.state)}
    if pair.same_frame or pair.same_place:
        where = "end in the same function of the target" if pair.same_frame else "name the same place"
        why = f"Both {where}, but the fix of one does not stop the proof of the other."
        return Verdict(Answer.LINK, How.FRAMES if pair.same_frame else How.LOCATION_AND_WEAKNESS, why, evidence)
    if pair.same_alias:
        return _alias_link(pair, " The fix of one does not stop the proof of the other.")
    return Verdict(Answer.APART, None, "The fix of one does not stop the proof of the other.", evidence)


def _by_frames(pair: Pair) -> Verdict | None:
    evidence = {"state": list(pair.one.state)}
    if pair.same_state and pair.ranges_contradict and pair.same_sink and pair.younger_proof:
        why = (
            "Both proofs end in the same functions of the target and the same sink, and the same release ends both; "
            "older releases may lack what the one proof needs."
        )
        return Verdict(Answer.JOIN, How.FRAMES, why, evidence, doubt=1)
    if pair.same_state and pair.ranges_contradict:
        why = "Both end in the same functions of the target, but a release is affected by one and not by the other."
        return Verdict(Answer.LINK, How.FRAMES, why, evidence)
    if pair.same_state:
        return Verdict(
            Answer.JOIN, How.FRAMES, "Both proofs end in the same functions of the target at the witness.", evidence
        )
    return None


def _by_range_and_sink(pair: Pair) -> Verdict | None:
    if not (pair.same_range and pair.same_sink):
        return None
    evidence = {
        "sink": pair.one.sink,
        "affected": len(pair.one.affected),
        "states": [list(pair.one.state), list(pair.other.state)],
    }
    if pair.frames_told:
        agree = not pair.other_frames
    else:
        agree = pair.same_entry or pair.same_place
        agree = agree or (pair.same_weakness and pair.one.detector not in SPEECHLESS_SINKS)
    if agree:
        why = "Both affect exactly the same releases and end in the same sink by a way they share."
        return Verdict(Answer.JOIN, How.RANGE_AND_SINK, why, evidence)
    why = "Both affect the same releases and end in the same sink, but nothing shows that the way there is the same."
    return Verdict(Answer.LINK, How.RANGE_AND_SINK, why, evidence)


def _by_words(pair: Pair) -> Verdict | None:
    """What the finders say: location and weakness, then identifiers."""
    evidence = {
        "places": sorted(f"{one.file}: {one.symbol}" for one in pair.one.places & pair.other.places),
        "weaknesses": sorted(pair.one.weaknesses & pair.other.weaknesses),
    }
    if pair.same_place and pair.same_weakness:
        if pair.other_frames or pair.ranges_contradict:
            why = "Both reports name the same place and weakness, but the proofs behave differently."
            return Verdict(Answer.LINK, How.LOCATION_AND_WEAKNESS, why, evidence)
        why = "Both reports name the same place and the same kind of weakness, and no run speaks against it."
        return Verdict(Answer.JOIN, How.LOCATION_AND_WEAKNESS, why, evidence)
    if pair.same_alias:
        return _alias_link(pair, "")
    if pair.same_frame:
        why = "Both proofs end in the same function of the target, reached by different ways."
        return Verdict(Answer.LINK, How.FRAMES, why, {"state": list(pair.one.state[:1])})
    if pair.same_place:
        why = "Both reports name the same place, but not the same kind of weakness."
        return Verdict(Answer.LINK, How.LOCATION_AND_WEAKNESS, why, evidence)
    return None


def _alias_link(pair: Pair, more: str) -> Verdict:
    names = sorted(pair.one.aliases & pair.other.aliases)
    why = f"Both reports name {', '.join(names)}; no run shows yet that it is the same flaw.{more}"
    return Verdict(Answer.LINK, How.ALIAS, why, {"aliases": names})
