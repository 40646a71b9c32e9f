"""The pages for people: an index, one per case, one per report that makes none; plain files, no server, no script.

Every text is escaped by the templates; addresses become links only if they are web addresses. The page forbids itself
everything but its own style (Content-Security-Policy with the style's hash).
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from clearinghouse.advisories.index.shapes import CasePart, Index
from clearinghouse.advisories.pictures import HOW_WORDS, STATUS_WORDS, Strip, graph_of, strips_of
from clearinghouse.advisories.rules import COORDINATOR_AI_LINE, Aside, Dossier, Output, Reported, Tool, ai_line, since
from clearinghouse.cases.rules.embargo import Silence
from clearinghouse.cases.rules.outcomes import Outcome as FederalOutcome
from clearinghouse.cases.rules.packs import policy
from clearinghouse.standards import cvss, purl
from clearinghouse.standards.cwe import name_of
from clearinghouse.validation.questions import is_open, question_of
from clearinghouse.validation.reasons import REASONS, helps
from clearinghouse.validation.rules import ControlName, Judgement, Outcome, PatchSaid, Run, Said, VariantName
from clearinghouse.validation.sides import decisive, sides_of

CONTROL_WORDS: Mapping[ControlName, str] = {
    ControlName.SHOWS: "Shows on the vulnerable release",
    ControlName.BENIGN: "Harmless form runs and is silent",
    ControlName.FIXED: "Silent on the fixed release",
    ControlName.NULLS: "Silent on targets that do nothing",
    ControlName.SWAP: "Follows the code, not the version",
    ControlName.TOKEN: "Works with another token",
    ControlName.BLAME: "The act is the target's own",
    ControlName.HELD_VALUES: "No hidden branch by returned values",
    ControlName.REPEAT: "Shows again and again",
    ControlName.CODE_BY_DESIGN: "Input is not code by design",
    ControlName.RECORDED: "Program recorded without loss",
    ControlName.NEEDED: "Steps not needed were left out",
    ControlName.REPRINT: "Same code, printed anew",
    ControlName.GRAFT: "Names of the fix added, doing nothing",
    ControlName.CHANGE: "It is this change that stops it",
    ControlName.EXCHANGE: "Each argument harmless in turn, on both releases",
    ControlName.SEEN_OUTSIDE: "Seen from outside the process too",
}
VARIANT_WORDS: Mapping[VariantName, str] = {
    VariantName.VULNERABLE: "vulnerable release",
    VariantName.FIXED: "fixed release",
    VariantName.PATCHED: "patched release",
    VariantName.NULL_RETURNS: "empty target that returns nothing",
    VariantName.NULL_RAISES: "empty target that raises",
    VariantName.SWAP_TO_FIXED: "vulnerable code under the fixed version's name",
    VariantName.SWAP_TO_VULNERABLE: "fixed code under the vulnerable version's name",
    VariantName.TOKEN: "vulnerable release, another token",
    VariantName.EXCHANGED: "vulnerable release, one argument harmless",
    VariantName.EXCHANGED_FIXED: "fixed release, one argument harmless",
    VariantName.REPRINT: "vulnerable code, printed anew",
    VariantName.GRAFT: "vulnerable code with names of the fix",
    VariantName.GRAFT_TEXT: "vulnerable code with text of the fix",
    VariantName.CHANGE_ONLY: "vulnerable release with this change only",
    VariantName.CHANGE_UNDONE: "fixed release without this change",
    VariantName.PROBE: "another release",
}
SAID_WORDS = {"passed": "passed", "failed": "failed", "not-possible": "not possible", "not-run": "not run"}
PATCH_WORDS = {
    PatchSaid.PASSED: "passed",
    PatchSaid.HELD: "held for a person",
    PatchSaid.REFUSED: "refused",
    PatchSaid.NOT_RUN: "not run",
}
SILENCE_WORDS = {Silence.KEPT: "kept", Silence.ENDED: "ended", Silence.NOT_AVAILABLE: "none"}
FORM_WORDS = {True: "harmless form", False: "proof"}
VERDICT_WORDS = {
    "validated": "validated",
    "claims": "claim",
    "held": "held for a person",
    "refused": "refused",
    "not_judged": "not judged",
}
OUTCOME_WORDS = {Outcome.FIRED: "fired", Outcome.SILENT: "silent", Outcome.COULD_NOT_RUN: "could not run"}


@cache
def _engine() -> Engine:
    folder = resources.files("clearinghouse.advisories").joinpath("templates")
    return Engine(dirs=[str(folder)], autoescape=True, libraries={"marks": "clearinghouse.advisories.marks"})


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet and its hash as the policy names it."""
    css = resources.files("clearinghouse.advisories").joinpath("templates/advisories/style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return css, f"sha256-{digest}"


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    css, digest = _style()
    both = {"css": mark_safe(css), "css_hash": digest, **values}  # noqa: S308 - our own file
    return _engine().get_template(f"advisories/{template}").render(Context(both))


@dataclass(frozen=True, slots=True)
class RunRow:
    """Runs of one kind together."""

    variant: str
    version: str
    form: str
    outcome: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Address:
    """A reference; a link only if it is a web address."""

    text: str
    is_link: bool


def is_web_address(text: str) -> bool:
    """Say whether a text may become a link: http or https, and nothing that could be read in two ways."""
    plain = text.isascii() and text.isprintable() and not any(one in text for one in " \"'<>\\^`{|}")
    return plain and text.lower().startswith(("https://", "http://"))


def run_rows(runs: tuple[Run, ...]) -> list[RunRow]:
    """Return the runs of a judgement, those of one kind together, in the order of the controls."""
    variants = list(VariantName)
    counted = Counter((one.variant, one.version, one.benign, one.outcome, one.why) for one in runs)
    order = sorted(counted, key=lambda key: (variants.index(key[0]), key[2], key[1], key[3], key[4]))
    return [
        RunRow(
            VARIANT_WORDS[variant],
            version,
            FORM_WORDS[benign],
            OUTCOME_WORDS[outcome],
            counted[variant, version, benign, outcome, why],
            why,
        )
        for variant, version, benign, outcome, why in order
    ]


def case_page(dossier: Dossier, case: CasePart, tool: Tool, *, at: datetime) -> str:
    """Return the page of one case."""
    facts = case_facts(dossier) | {"dossier": dossier, "case": case, "tool": tool, "at": at}
    facts["not_run"] = [one for line in (case.affected.lines if case.affected else ()) for one in line.not_run]
    return _rendered("case.html", facts)


def case_facts(dossier: Dossier) -> dict[str, Any]:
    """Return everything that a page says of a case, in words; for the plain pages and for the portal."""
    placed = dossier.position.placed
    pack = policy()
    return {
        "package_name": purl.parse(dossier.package).registry_name,
        "said": dossier.best.report,
        "since": since(dossier.releases),
        "strips": strips_of(dossier.releases),
        "graph": graph_of(dossier),
        "factors": [
            (pack.factors[name].title, factor, pack.factors[name].values.get(factor.value or "", "not known"))
            for name, factor in placed.factors.items()
        ],
        "federal": [(one, _answers(one)) for one in dossier.outcomes],
        "reports": [_report(one, dossier) for one in dossier.reports],
        "patches": [
            (patch, one.name, PATCH_WORDS[patch.said], SAID_WORDS) for one in dossier.reports for patch in one.patches
        ],
        "severity": [cvss.parse(one) for one in dossier.vectors],
        "weaknesses": [(one, name_of(one)) for one in dossier.weaknesses],
        "references": [Address(one, is_web_address(one)) for one in dossier.references],
        "ai_lines": [ai_line(one) for one in dossier.reports],
        "coordinator_ai_line": COORDINATOR_AI_LINE,
        "duties": dossier.duties,
        "silence": SILENCE_WORDS[dossier.embargo.silence],
    }


def _answers(one: FederalOutcome) -> list[tuple[str, str, str]]:
    table = one.decision.table
    return [
        (
            table.point(key).name,
            ", ".join(table.point(key).value(value).name for value in answer.values) or "any",
            f"{answer.certainty}: {answer.says}",
        )
        for key, answer in one.answers.items()
    ]


def _report(one: Reported, dossier: Dossier) -> dict[str, Any]:
    names = {each.key: each.name for each in dossier.reports}
    witness = next((run.witness for run in one.judgement.runs if run.witness), None)
    return {
        "key": one.key,
        "anchor": f"report-{one.key[:16]}",
        "name": one.name,
        "credit": one.credit,
        "title": one.report["title"],
        "received_at": one.received_at,
        "judgement": one.judgement,
        "how": HOW_WORDS[one.how],
        "joined_to": names.get(one.joined_to, ""),
        "reason": one.reason,
        "witness": witness,
        **_controls(one.judgement),
        **question_facts(one.judgement, one.name, one.key),
    }


def question_facts(judgement: Judgement, name: str, key: str) -> dict[str, Any]:
    """Return what is put to people about a finding: the question, and the two runs side by side."""
    question = question_of(judgement)
    sides = sides_of(judgement)
    asked = question and {
        "anchor": key[:16],
        "name": name,
        "sentence": question.sentence,
        "holds": question.holds,
        "open": is_open(judgement),
        "answers": [
            {"says": "yes" if it.yes else "no", "badge": "passed" if it.yes else "refused", "by": it.by, "why": it.why}
            for it in judgement.answers
        ],
    }
    shown = [
        {
            **asdict(side),
            "heading": f"{VARIANT_WORDS[side.variant]} {side.version}".strip(),
            "form": FORM_WORDS[side.benign],
            "badge": side.outcome.value,
            "outcome": OUTCOME_WORDS[side.outcome],
        }
        for side in sides
    ]
    return {"asked": asked, "sides": shown, "has_times": any(side.times for side in sides)}


def report_page(aside: Aside, tool: Tool, *, at: datetime) -> str:
    """Return the page of a report that makes no case: which control said no, the runs, and what helps.

    Raises:
        ValueError: it was not judged.
    """
    if aside.judgement is None:
        raise ValueError(f"{aside.name} was not judged")
    return _rendered("report.html", report_facts(aside, aside.judgement) | {"aside": aside, "tool": tool, "at": at})


def report_facts(aside: Aside, judgement: Judgement) -> dict[str, Any]:
    """Return everything that a page says of a judged report that makes no case, in words."""
    failed = decisive(judgement)
    return {
        "judgement": judgement,
        "verdict": VERDICT_WORDS[aside.list],
        "badge": aside.list.replace("_", "-"),
        "failed": failed and {"name": CONTROL_WORDS[failed.name], "why": failed.why},
        "says": REASONS[judgement.reason] if judgement.reason else "",
        "helps": helps(aside.reason),
        "one": _controls(judgement),
        **question_facts(judgement, f"{aside.finder}/{aside.ref}", aside.key),
    }


def _controls(judgement: Judgement) -> dict[str, Any]:
    return {
        "controls": [
            (CONTROL_WORDS[control.name], SAID_WORDS[control.said], control.said.value, control.why)
            for control in judgement.controls
        ],
        "passed": sum(control.said is Said.PASSED for control in judgement.controls),
        "runs": run_rows(judgement.runs),
    }


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case on the index page."""

    case: CasePart
    package_name: str
    strips: tuple[Strip, ...]
    why: str
    could_be: tuple[str, ...]
    reports: int
    finders: tuple[str, ...]


def index_page(output: Output, index: Index, *, at: datetime) -> str:
    """Return the page that lists everything."""
    rows = [
        CaseRow(
            case=case,
            package_name=purl.parse(case.package).registry_name,
            strips=strips_of(dossier.releases),
            why=" ".join(dossier.position.why[:1]),
            could_be=dossier.position.placed.could_be_because,
            reports=len(case.reports),
            finders=tuple(sorted({one.finder for one in case.reports})),
        )
        for case, dossier in zip(index.cases, output.dossiers, strict=True)
    ]
    lists = [
        *(
            [("validated", "With the coordinators", "Validated, in a case that is not open to you.", index.validated)]
            if index.validated
            else []
        ),
        ("refused", "Refused", "The proof, or the report itself, does not hold.", index.refused),
        ("held", "Held for a person", "Something is there that a person must look at.", index.held),
        ("claims", "Claims", "Nothing that can be run was handed in; these wait for a proof.", index.claims),
        (
            "not-judged",
            "Not judged",
            "Something on our side was missing; this says nothing of the report.",
            index.not_judged,
        ),
    ]
    return _rendered(
        "index.html",
        {
            "rows": rows,
            "lists": lists,
            "tool": output.tool,
            "at": at,
            "reports": sum(row.reports for row in rows) + sum(len(each[3]) for each in lists),
            "status_words": STATUS_WORDS,
        },
    )
