"""Programs recorded as calls, with those of the processes and workers that they start."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.findings.report.loading import load_calls
from clearinghouse.strict import load_json
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.controls.notes import UNCLEAR_LOOKS
from clearinghouse.validation.lab import Stand
from clearinghouse.validation.launch import Start
from clearinghouse.validation.needed import moved
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    FindingOutcome,
    Judgement,
    Reason,
    Run,
    Said,
    VariantName,
)

NOTHING_SEEN = "the recorder saw no call into the target"
NO_CALL = "no call into the target"
"""What the recorder of Node says was lost where the program itself called nothing."""
UNREADABLE = "what another process of the program wrote down"
MOST_LOST = 50


def replay_silent(proof: Proof, shown: Run, document: Mapping[str, Any]) -> Judgement:
    """The program fires, the same calls without its code do not: the act was its own."""
    controls = (
        Control(ControlName.RECORDED, Said.PASSED, f"{len(document['steps'])} calls, without loss"),
        Control(ControlName.SHOWS, Said.FAILED, "the same calls, replayed without the program, show nothing"),
    )
    return Judgement(
        outcome=FindingOutcome.REFUSED,
        grade=None,
        reason=Reason.FINDERS_ACT,
        sentence=REASONS[Reason.FINDERS_ACT],
        detector=proof.detector,
        proof_kind=proof.kind,
        controls=controls,
        runs=(shown,),
        tier=shown.tier,
        interpreter=shown.interpreter,
        document=dict(document),
    )


def _recorded(recorder: Stand, start: Start) -> tuple[Run, Records]:
    """Return a run under the recorder; one that others kept from its end is made again.

    Raises:
        Unavailable: it got no processor however often it was made.
    """
    for _ in range(1 + UNCLEAR_LOOKS):
        run, records = recorder.raw(recorder.vulnerable, start)
        if not run.facts.get("starved"):
            return run, records
    raise Unavailable("this machine is too busy to record a program's calls; cure: try again when it is less busy")


def record(stand: Stand, form: Form) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Run a program under the recorder on the vulnerable release; return its calls and what was lost.

    The recording is remembered like a run: a program with chance in it would give other calls the next time.

    Raises:
        Unavailable: the machine is too busy.
    """
    recorder = replace(stand, proof=replace(stand.proof, form=replace(form, mode="record"), benign=None))
    start = Start(VariantName.VULNERABLE, number=91)
    key = recorder.key(stand.vulnerable, start)
    known = stand.memory.recall(key)
    if known is None:
        run, records = _recorded(recorder, start)
        written = records.of("calls")  # one that may not come to its end is written call by call: the last counts
        fault = records.first("fault")
        said = written[-1] if written else {"lossy": [{"what": (fault or {}).get("detail", NOTHING_SEEN), "where": ""}]}
        for other in records.of("calls-elsewhere"):
            said = joined(said, str(other.get("text", "")), stand.proof)
        known = stand.memory.keep(key, replace(run, facts={**run.facts, "recorded": said}))
    said = known.facts["recorded"]
    lossy = tuple(f"{one.get('what', '?')} ({one.get('where', '?')})" for one in said.get("lossy", []))
    document = said.get("document")
    return (dict(document) if isinstance(document, dict) else None), lossy


def joined(said: Mapping[str, Any], text: str, proof: Proof) -> dict[str, Any]:
    """Return a recording with the one that a process or worker of the program left behind it.

    What was left is the finder's to write, so it is read as a report's own calls are; like all of a recording it is a
    proposal only.
    """
    lossy = [one for one in said.get("lossy", []) if one.get("what") != NO_CALL]
    mine = said.get("document") or {}
    steps = list(mine.get("steps", []))
    try:
        left = load_json(text.encode("utf-8", "replace"))
        data, size = json.dumps(left["document"]).encode("ascii"), max(proof.sizes or (1,))
        other = load_calls(data, name="elsewhere.json", runtime=proof.runtime.value, size=size).document()
        lost = [{"what": str(one["what"])[:200], "where": str(one["where"])[:200]} for one in left["lossy"][:MOST_LOST]]
    except (Malformed, KeyError, TypeError, ValueError) as refusal:
        return {**said, "lossy": [*said.get("lossy", []), {"what": UNREADABLE, "where": str(refusal)[:200]}]}
    known = _inherited(left, len(steps), len(other["steps"]))
    places = {index: index + len(steps) - known for index in range(known, len(other["steps"]))}
    document: dict[str, Any] = {"steps": [*steps, *(moved(one, places) for one in other["steps"][known:])]}
    files = {**other.get("setup", {}).get("files", {}), **mine.get("setup", {}).get("files", {})}
    typed = mine.get("setup", {}).get("stdin") or other.get("setup", {}).get("stdin")
    setup = {name: value for name, value in {"files": files, "stdin": typed}.items() if value}
    if setup:
        document["setup"] = setup
    if mine.get("returned_code") or other.get("returned_code"):
        document["returned_code"] = True
    return {"document": document, "lossy": [*lossy, *lost]}


def _inherited(left: Mapping[str, Any], mine: int, others: int) -> int:
    """Return how many steps a forked child has from its parent: they stand there already."""
    count = left.get("inherited")
    return count if type(count) is int and 0 <= count <= min(mine, others) else 0
