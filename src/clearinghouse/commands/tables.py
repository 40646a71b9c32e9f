"""The result of a clearing in the terminal: cases in order of work, then what made no case, with the reason."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clearinghouse.commands.plain import plain

BAND_STYLE = {"INCIDENT": "bold white on red", "URGENT": "bold red", "STANDARD": "yellow", "NEEDS-INFO": "cyan"}
ASIDES = (
    ("validated", "Validated: with the coordinators, in a case that is not open to you"),
    ("claims", "Claims: no proof that can be run"),
    ("held", "Held: a person must look, or evidence is missing"),
    ("refused", "Refused"),
    ("not_judged", "Not judged: something on our side"),
)


def show_result(index: dict[str, Any], out: Path, *, console: Console | None = None) -> None:
    """Print the tables of an index, and where the output lies."""
    console = console or Console(highlight=False)
    cases = index["cases"]
    if cases:
        console.print(_cases(cases))
    else:
        console.print("No case: no report was validated.")
    for name, title in ASIDES:
        if index[name]:
            console.print(_aside(title, index[name]))
    counts = ", ".join(
        f"{len(index[name])} {name.replace('_', ' ')}"
        for name in ("cases", *(one for one, _ in ASIDES if one != "validated" or index[one]))
    )
    console.print(f"[bold]{counts}[/]")
    folder = plain(out) if str(out).endswith("/") else f"{plain(out)}/"
    console.print(Text(f"Pages, advisories and evidence: {folder}  (begin with index.html)"))


def _cases(cases: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Cases in order of work", title_justify="left", show_lines=True, expand=True)
    table.add_column("#", justify="right")
    table.add_column("band")
    table.add_column("case, and why it stands here", ratio=3)
    table.add_column("affected releases, and a patch", ratio=2)
    for case in cases:
        names = ", ".join(case["aliases"]) or "no public name yet"
        reports = ", ".join(f"{one['finder']} {one['id']}" for one in case["reports"])
        what = Text.assemble(
            (plain(case["title"]), "bold"),
            f"\n{plain(names)} · {plain(', '.join(case['detectors']))} · grade {plain(case['grade'])}",
            (f"\n{plain(reports)}", "dim"),
            f"\n{plain(case['why'][0])}" if case["why"] else "",
        )
        band = Text(case["band"], style=BAND_STYLE.get(case["band"], ""))
        table.add_row(str(case["position"]), band, what, Text(f"{_affected(case)}\nPatch: {_patches(case)}"))
    return table


def _affected(case: dict[str, Any]) -> str:
    found = case["affected"]
    if found is None:
        return plain(case["package"])
    return f"{plain(found['package'])}\n{plain(found['says'])}"


def _patches(case: dict[str, Any]) -> str:
    said: list[str] = [one["said"] for one in case["patches"]]
    return next((one for one in ("passed", "held", "not-run", "refused") if one in said), "none")


def _aside(title: str, items: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True, expand=True)
    table.add_column("report", ratio=2)
    table.add_column("reason", ratio=1, overflow="fold", min_width=16)
    table.add_column("what was found", ratio=4)
    for one in items:
        who = " ".join(plain(each) for each in (one["finder"], one["id"]) if each) or plain(one["name"])
        codes = ", ".join(dict.fromkeys(each["code"] for each in one["problems"])) or one["reason"]
        says = "\n".join(_problem(each) for each in one["problems"][:4]) or plain(one["says"])
        table.add_row(Text(who), Text(plain(codes)), Text(says))
    return table


def _problem(problem: dict[str, Any]) -> str:
    where = f"{plain(problem['field'])}: " if problem["field"] else ""
    return f"{where}{plain(problem['reason'])}. Right would be: {plain(problem['fix'])}"
