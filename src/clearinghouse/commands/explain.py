"""``clearinghouse explain``: why a case stands where it stands, from the database or from a written output."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from clearinghouse.commands.databases import Database
from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import refusals_exit
from clearinghouse.errors import NotFound

INDEX = "index.json"
RUN = "run.json"


@click.command()
@click.argument("case")
@click.option(
    "--from",
    "source",
    type=Database(exists=True),
    help="Output folder of a clearing, or a database (default: the database of the settings).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def explain(*, case: str, source: str | Path | None, as_json: bool) -> None:
    """Say why CASE stands where it stands. CASE is an id, a key, a report (finder/id) or a CVE."""
    found = (
        _from_output(source, case)
        if isinstance(source, Path) and (source / INDEX).is_file()
        else _from_rows(source, case)
    )
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for line in _lines(found):
        click.echo(plain(line))


def _from_rows(database: str | Path | None, name: str) -> dict[str, Any]:
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.advisories.index.building import index_of
    from clearinghouse.advisories.queries import output_for
    from clearinghouse.cases.queries.cases import case_for
    from clearinghouse.parties.actions import local_actor

    now = datetime.now(UTC)
    actor = local_actor(at=now)
    row = case_for(actor, name)
    index = index_of(output_for(actor, at=now))
    found: dict[str, Any] = next(one for one in index.cases if one.key == row.key).model_dump(mode="json")
    return found | {"public_id": row.public_id}


def _from_output(folder: Path, name: str) -> dict[str, Any]:
    index: dict[str, Any] = json.loads((folder / INDEX).read_text("utf-8"))
    run: dict[str, Any] = json.loads((folder / RUN).read_text("utf-8")) if (folder / RUN).is_file() else {"cases": {}}
    public = {key: str(one["public_id"]) for key, one in run["cases"].items()}
    found = [one for one in index["cases"] if _is_named(one, public.get(one["key"], ""), name)]
    if len(found) != 1:
        many = f"{len(found)} cases answer" if found else "no case answers"
        raise NotFound(
            f"{many} to {name!r} in {folder}; name it by its id, its key, a report (finder/id), a CVE or a package"
        )
    one: dict[str, Any] = found[0]
    return one | {"public_id": public.get(one["key"], "")}


def _is_named(case: dict[str, Any], public_id: str, name: str) -> bool:
    reports = {f"{one['finder']}/{one['id']}" for one in case["reports"]} | {one["id"] for one in case["reports"]}
    beginning = len(name) >= 6 and case["key"].startswith(name.lower())  # noqa: PLR2004 - as in the database
    aliases = {one.lower() for one in case["aliases"]}
    named = name.lower() in {*aliases, case["package"]} or name.lower() == public_id.lower() != ""
    return beginning or named or name in reports


def _asked(question: dict[str, Any] | None, name: str) -> list[str]:
    if not question:
        return []
    if not question["open"]:
        answers = [f"  {one['by']} says {'yes' if one['yes'] else 'no'}: {one['why']}" for one in question["answers"]]
        return ["", f"Asked and answered, about {name}", f"  {question['sentence']}", *answers]
    return ["", f"A question to you, about {name} (clearinghouse questions {name})", f"  {question['sentence']}"]


def _lines(case: dict[str, Any]) -> list[str]:
    lines = [
        f"{case['public_id'] or case['key']}  {case['title']}",
        f"{case['package']}  place {case['position']}  {case['band']}  grade {case['grade']}",
        "",
        "Why now?",
        *(f"  {sentence}" for sentence in case["why"]),
    ]
    if case["to_confirm"]:
        lines.append("  A person must confirm it before anything is published.")
    lines += ["", "Factors, in the order in which they decide"]
    lines += [
        f"  {one['name']:14} {one['value'] or '?':18} {one['certainty']:8} {one['says']}" for one in case["factors"]
    ]
    lines += ["", "Federal tables, beside the order"]
    for one in case["federal"]:
        open_points = f"; not known: {', '.join(one['unknown'])}" if one["unknown"] else ""
        lines.append(f"  {one['name']}: {one['says']} ({len(one['rows'])} rows could apply{open_points})")
    lines += ["", "Reports"]
    names = {one["finding"]: f"{one['finder']}/{one['id']}" for one in case["reports"]}
    for one in case["reports"]:
        joined = f" to {names[one['joined_to']]}" if one["joined_to"] else ""
        lines.append(f"  {names[one['finding']]} (grade {one['grade']}) {one['how']}{joined}: {one['reason']}")
    lines += [f"  linked only: {one['reason']}" for one in case["links"]]
    for one in case["reports"]:
        lines += _asked(one.get("question"), names[one["finding"]])
    if case["affected"]:
        lines += ["", f"Releases: {case['affected']['says']}"]
    return lines
