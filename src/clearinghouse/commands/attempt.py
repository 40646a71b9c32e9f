"""``clearinghouse report try`` and ``report record``: a finder's own desk, with the code that will judge later."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clearinghouse.commands.plain import plain
from clearinghouse.commands.questions import side_by_side
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit
from clearinghouse.errors import Malformed
from clearinghouse.validation.affected import affected_range
from clearinghouse.validation.equipment import open_lab
from clearinghouse.validation.judge import judge
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Forgetful, Lab, Stand, best_environment
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.questions import question_of
from clearinghouse.validation.reasons import helps
from clearinghouse.validation.recording import record
from clearinghouse.validation.rules import FindingOutcome, PatchSaid, Run
from clearinghouse.validation.shapes import dump
from clearinghouse.validation.sides import decisive, sides_of
from clearinghouse.validation.subject import Subject, subject_of

STYLE = {"passed": "green", "failed": "red"}
MOST_SEEN = 5
"""Of what a failed check saw, so many are printed; all of it is in the JSON."""


def read_subject(path: Path) -> Subject:
    """Return the one finding in a report folder, an archive or a document, ready to be judged."""
    from clearinghouse.artefacts import digest_of
    from clearinghouse.findings.intake.reading import read_handed
    from clearinghouse.findings.report.loading import plain

    claims = read_handed(path)
    if len(claims) != 1:
        raise Malformed(f"{path} holds {len(claims)} claims; try one report at a time")
    files = dict(claims[0].files)
    return subject_of(plain(claims[0].report), files, {name: digest_of(data) for name, data in files.items()})


def _lab(console: Console) -> Lab:
    from clearinghouse.config import settings

    def seen(run: Run) -> None:
        what = "harmless form" if run.benign else "proof"
        said = f"  {what} on {run.variant.value} {run.version}: {run.outcome.value} {run.why}"
        console.print(Text(plain(said)), soft_wrap=True)

    return open_lab(settings.CLEARINGHOUSE_CACHE, demand=settings.CLEARINGHOUSE_SANDBOX, on_run=seen)


@click.command("try")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--range", "with_range", is_flag=True, help="Find the affected releases too.")
@click.option("--patches", "with_patches", is_flag=True, help="Check the patches too.")
@click.option("--json", "as_json", is_flag=True, help="Print the judgement as JSON.")
@refusals_exit
def try_report(*, path: Path, with_range: bool, with_patches: bool, as_json: bool) -> None:
    """Run the proof in PATH with all its controls here, as it will be judged. Exits 3 unless it is validated."""
    console = Console(stderr=True, quiet=as_json)
    subject = read_subject(path)
    lab, memory = _lab(console), Forgetful()
    judged = judge(subject, lab, memory=memory)
    result: dict[str, Any] = {"judgement": dump(judged.judgement)}
    valid = judged.judgement.outcome is FindingOutcome.VALIDATED
    if valid and with_range:
        result["affected"] = dump(affected_range(subject, judged, lab, memory=memory))
    if valid and with_patches:
        found = [check_patch(one, subject, judged, lab, memory=memory) for one in subject.patches]
        result["patches"] = [dump(one) for one in found]
        valid = all(one.said is not PatchSaid.REFUSED for one in found)
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        _show(judged, result)
    if not valid:
        raise click.exceptions.Exit(EXIT_REFUSED)


def _show(judged: Judged, result: dict[str, Any], *, console: Console | None = None) -> None:
    """Print a judgement; all that comes from a report or from a run goes through ``plain`` into a ``Text``."""
    console = console or Console(highlight=False)
    judgement = judged.judgement
    title = Text(plain(f"{judgement.target}: {judgement.proof_kind} {judgement.detector or ''}".strip()))
    table = Table("control", "answer", "why", title=title)
    for one in judgement.controls:
        said = Text(one.said.value, style=STYLE.get(one.said.value, ""))
        table.add_row(Text(one.name.value), said, Text(plain(one.why)))
    console.print(table)
    grade = f" (grade {judgement.grade.value})" if judgement.grade else ""
    console.print(Text.assemble((f"{judgement.outcome.value}{grade}", "bold"), ": ", plain(judgement.sentence)))
    _show_what_decided(judged, console)
    for line in result.get("affected", {}).get("lines", []):
        first, last = line["results"][0]["version"], line["results"][-1]["version"]
        console.print(Text(plain(f"  {first} … {last}: {_in_words(line['events'])}")))
    for patch in result.get("patches", []):
        console.print(Text(plain(f"  {patch['file']}: {patch['said']}. {patch['sentence']}")))
        for one in patch["checks"]:
            said = Text(one["said"], style=STYLE.get(one["said"], ""))
            console.print(
                Text.assemble("    ", plain(one["name"]), " ", said, ": ", plain(one["detail"])), soft_wrap=True
            )
            if one["said"] == "failed":
                for seen in one["found"][:MOST_SEEN]:
                    console.print(Text(plain(f"      {seen}")), soft_wrap=True)


def _in_words(events: Sequence[Mapping[str, str]]) -> str:
    """Return OSV events as one reads them: ``affected 1.0 … <1.4, 2.0 … 2.2``."""
    parts: list[str] = []
    for event in events:
        ((kind, version),) = event.items()
        if kind == "introduced":
            parts.append(version)
        else:
            parts[-1] += f" … {'<' if kind == 'fixed' else ''}{version}"
    return f"affected {', '.join(parts)}" if parts else "not affected"


def _show_what_decided(judged: Judged, console: Console) -> None:
    """Print which control said no, with its run beside the proof's, what a person would be asked, and what helps."""
    judgement = judged.judgement
    failed, question = decisive(judgement), question_of(judgement)
    if failed is not None and judgement.outcome is not FindingOutcome.VALIDATED:
        console.print(Text(plain(f"The control that said no: {failed.name.value}. {failed.why}")))
    sides = sides_of(judgement)
    if sides and (question is not None or judgement.outcome is not FindingOutcome.VALIDATED):
        console.print(side_by_side(sides))
    if question is not None:
        console.print(Text(plain(f"A person will be asked: {question.sentence}")))
    if judgement.reason is not None:
        console.print(Text(plain(f"What helps: {helps(judgement.reason)}")))


@click.command("record")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--proof", "number", default=0, show_default=True, help="Which proof of the report.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the calls go; else stdout.")
@refusals_exit
def record_report(*, path: Path, number: int, out: Path | None) -> None:
    """Turn the program in PATH into a `calls` document, and say what was lost on the way."""
    subject = read_subject(path)
    if not 0 <= number < len(subject.proofs) or subject.proofs[number].kind != "program":
        raise Malformed(f"proof {number} of this report is no program; there is nothing to record")
    console = Console(stderr=True)
    lab = _lab(console)
    environment = best_environment(lab, lab.release(subject.package, subject.version))
    proof = subject.proofs[number]
    document, lossy = record(Stand(lab, proof, environment, Forgetful()), proof.form)
    for one in lossy:
        console.print(Text.assemble(("lost", "yellow"), " ", plain(one)), soft_wrap=True)
    if document is None or not document.get("steps"):
        raise Malformed("no call from the program into the target was seen")
    text = json.dumps(document, indent=2)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
