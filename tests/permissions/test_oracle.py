"""The table against Cedar: another engine, with policies written from the guide page and sharing nothing with us."""

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import cedarpy

from clearinghouse.permissions.rules import Role
from clearinghouse.permissions.table import the_table
from tests.permissions.matrix import ME, RELATIONS, Relation, actor, states_of

POLICY = Path(__file__).with_name("policy.cedar").read_text("utf-8")
OUTSIDERS = {"finder", "maintainer", "operator", "soc", "evaluator", "model-developer", "programme-officer"}
ASKING = {"administrator", "coordinator", "determining-official", "evaluator", "programme-officer"}
SCANNING = {"coordinator", "evaluator", "finder", "maintainer", "model-developer", "operator"}
OWNING = {"maintainer", "model-developer", "operator"}
SAMPLED = 10_000
type Cell = tuple[str, str, Role, str, str]
"""Verb, state, role, name of the relation, and how the asker has signed in."""
HOW = ("strong", "weak", "token")


def _decided(cell: Cell) -> bool:
    verb, state, role, relation, how = cell
    asker = actor(role, second_factor=how != "weak", scopes=frozenset({verb}) if how == "token" else None)
    return the_table().decide(asker, verb, RELATIONS[relation].subject(verb.split(":")[1], state)).allowed


def _asked(cell: Cell, number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the question and the entities, as Cedar takes them."""
    verb, state, role, name, how = cell
    relation = RELATIONS[name]
    entities = [
        {
            "uid": {"type": "Actor", "id": str(number)},
            "attrs": {
                "role": role.value,
                "factor": how != "weak",
                "token": how == "token",
                "outsider": role.value in OUTSIDERS,
                "person": role is not Role.CLEARINGHOUSE,
                "asks": role.value in ASKING,
                "scans": role.value in SCANNING,
                "owns": role.value in OWNING,
            },
            "parents": [],
        },
        {
            "uid": {"type": "Thing", "id": str(number)},
            "attrs": {
                "state": state,
                "mine": relation.mine,
                "ours": relation.ours,
                "asked": {ME: "me", None: "nobody"}.get(relation.asked_by, "other"),
                "role": relation.role.value,
                "seat": _seat(relation),
                "joined": relation.stands,
                "for_us": relation.for_us,
                "shown": relation.shown,
                "met": relation.met,
            },
            "parents": [],
        },
    ]
    question = {
        "principal": f'Actor::"{number}"',
        "action": f'Action::"{verb}"',
        "resource": f'Thing::"{number}"',
        "context": {},
    }
    return question, entities


def _seat(relation: Relation) -> int:
    counts = relation.seat is not None and relation.sits in ("now", "later it ends")
    narrow = (relation.seat_of == "organization" and relation.tlp == "RED") or (
        relation.seat in (2, 3) and relation.tlp in ("AMBER+STRICT", "RED")
    )
    return relation.seat if counts and relation.seat is not None and not narrow else 9


def _answers(cells: list[Cell]) -> Iterator[bool]:
    asked = [_asked(cell, number) for number, cell in enumerate(cells)]
    entities = [one for _, both in asked for one in both]
    for answer in cedarpy.is_authorized_batch([question for question, _ in asked], POLICY, entities):
        assert not answer.diagnostics.errors, answer.diagnostics.errors
        yield answer.allowed


def _every_cell() -> list[Cell]:
    return [
        (verb, state, role, relation, how)
        for verb in the_table().verbs
        for state, role, relation, how in product(states_of(verb), Role, RELATIONS, HOW)
    ]


def test_cedar_agrees_on_what_is_allowed_and_on_what_is_not() -> None:
    chance = random.Random(20261126)  # noqa: S311 - a sample that is the same each time
    cells = _every_cell()
    chance.shuffle(cells)
    allowed: list[Cell] = []
    refused: list[Cell] = []
    unseen = set(the_table().verbs)
    for cell in cells:
        is_allowed = _decided(cell)
        kept = allowed if is_allowed else refused
        if len(kept) < SAMPLED or (is_allowed and cell[0] in unseen):
            kept.append(cell)
        if is_allowed:
            unseen.discard(cell[0])
        if not unseen and min(len(allowed), len(refused)) >= SAMPLED:
            break
    chosen = [(cell, True) for cell in allowed] + [(cell, False) for cell in refused]
    answers = _answers([cell for cell, _ in chosen])
    differ = [(cell, ours) for (cell, ours), theirs in zip(chosen, answers, strict=True) if ours != theirs]
    assert not differ, f"{len(differ)} of {len(chosen)} differ, such as {differ[:5]}"
    assert {cell[0] for cell in allowed} == set(the_table().verbs), "every verb is allowed to somebody somehow"
