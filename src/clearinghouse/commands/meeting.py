"""What commands say of whom a scan meets, and how a refused one is repeated."""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import EXIT_REFUSED, NOT_OBEYED, code_of
from clearinghouse.errors import ClearinghouseError, HeldBack, Meets, Unaware
from clearinghouse_client.intents import Plain


def target_text(target: Plain) -> str:
    """Return a target on one line: its name, and what of it."""
    name = next((str(target[part]) for part in ("package", "url", "block", "name") if part in target), "?")
    rest = [f"{part} {target[part]}" for part in ("versions", "commits", "ports", "paths") if part in target]
    return f"{name} ({', '.join(rest)})" if rest else name


def met_lines(met: Iterable[Plain]) -> Iterator[str]:
    """Yield what is said of each that is met."""
    for one in met:
        targets = "; ".join(target_text(target) for target in one["targets"])
        if one["what"] == "constraint":
            yield plain(f"  {one['id']}  {one['says']}: {targets}")
            yield plain(f"      of {one['organization']}{rest_of_constraint(one)}")
        else:
            window = f"{short(one['starts_at'])} to {short(one['ends_at'])} UTC"
            yield plain(f"  {one['id']}  {one['technique']}, {one['state']}, {window}: {targets}")
            yield plain(f"      contact {one['contact']}; your scans {_RELATION.get(one['relation'], one['relation'])}")
        yield plain(f"      key {one['version_key']}")


def rest_of_constraint(one: Plain) -> str:
    """Return what a constraint says beside its kind and its target: when, how fast, whom to ask, why."""
    parts = (
        f"; only {one['when']}" if one.get("when") else "",
        f"; at most {one['rate_per_second']} a second" if one.get("rate_per_second") else "",
        f"; ask {one['contact']}" if one.get("contact") else "",
        f"; why: {one['why']}" if one.get("why") else "",
    )
    return "".join(parts)


_RELATION = {
    "compete": "would do the same work",
    "share": "do not get in each other's way",
    "endanger": "together would endanger a live system",
}


def short(moment: Any) -> str:  # noqa: ANN401 - text of a time
    """Return a time as people read it."""
    return str(moment).replace("T", " ")[:16]


def advice_lines(said: Plain) -> Iterator[str]:
    """Yield what could be done instead of a scan."""
    if said["starts_at"]:
        yield f"free: {short(said['starts_at'])} to {short(said['ends_at'])} UTC"
    if said["techniques"]:
        yield plain(f"free at the time you asked for, by another technique: {', '.join(said['techniques'])}")
    if said["unclaimed"]:
        yield plain(f"nobody is on: {', '.join(said['unclaimed'])}")
    for one in said["shares"]:
        yield plain(f"  {one['organization']}: {', '.join(one['paths']) or one['technique']} ({one['why']})")


@contextmanager
def refusals_told(
    *,
    as_json: bool,
    again: Sequence[str] = (),
    seen: Sequence[str] = (),
    instead: Callable[[], Iterable[str]] = tuple,
) -> Iterator[None]:
    """Tell of a refusal everything that helps, and exit as refused.

    Args:
        as_json: whether to print it as the API's problem document has it.
        again: the command that was given, to which the keys of what was met are added.
        seen: the keys that were given with it: a refusal names only those that were missing.
        instead: called for what could be done instead, such as a free window.
    """
    try:
        yield
    except (Meets, HeldBack) as refusal:
        suggested = list(instead()) if isinstance(refusal, Meets) else []
        if as_json:
            click.echo(json.dumps(_problem(refusal) | {"suggestions": suggested}, indent=2, default=str))
        else:
            for line in (*_refusal_lines(refusal, again, seen), *suggested):
                click.echo(line.translate(NOT_OBEYED), err=True)
        raise click.exceptions.Exit(EXIT_REFUSED) from None


def _refusal_lines(refusal: Meets | HeldBack, again: Sequence[str], seen: Sequence[str]) -> Iterator[str]:
    if isinstance(refusal, HeldBack):
        yield "refused: owners do not let this be scanned so"
        for one in refusal.problems:
            yield plain(f"  {one.field}: {one.reason}; {one.fix}")
        return
    yield f"refused: {refusal}"
    yield from met_lines(refusal.references)
    if isinstance(refusal, Unaware) and again:
        named = dict.fromkeys([*seen, *(str(one["version_key"]) for one in refusal.references)])
        keys = [part for key in named for part in ("--seen", key)]
        yield "once you have looked at each, and talked to whom you want to, this announces it:"
        yield f"  {shlex.join([*again, *keys])}"


def _problem(refusal: ClearinghouseError) -> dict[str, Any]:
    code, title = code_of(refusal)
    problems = refusal.problems if isinstance(refusal, HeldBack) else ()
    return {
        "code": code,
        "title": title,
        "detail": str(refusal),
        "violations": [asdict(one) for one in problems],
        "references": list(refusal.references) if isinstance(refusal, Meets) else [],
    }
