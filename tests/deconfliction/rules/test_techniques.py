"""The table of techniques, row by row."""

import json

import pytest

from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.deconfliction.rules.techniques import Effect, Relation, read_techniques, techniques
from clearinghouse.errors import Malformed

TABLE = techniques()


def test_what_runs_on_an_owners_system_is_live_whatever_the_technique_is_called() -> None:
    for name, technique in TABLE.known.items():
        for kind, effect in technique.on.items():
            if kind in (TargetKind.NETWORK, TargetKind.HOST):
                assert effect is not Effect.COPY, (name, kind)
            if kind in (TargetKind.SOFTWARE, TargetKind.REPOSITORY):
                assert effect is Effect.COPY, (name, kind)


def test_every_technique_is_used_on_something_and_the_issue_names_each() -> None:
    assert len(TABLE.known) == 9
    assert all(technique.on and technique.title for technique in TABLE.known.values())


def test_every_technique_competes_with_itself_or_endangers_a_live_system_with_itself() -> None:
    assert all(TABLE.relation(name, name) is not Relation.SHARE for name in TABLE.known)


def test_relations_are_mutual_and_only_live_techniques_endanger() -> None:
    for one in TABLE.known:
        for other in TABLE.known:
            relation = TABLE.relation(one, other)
            assert relation is TABLE.relation(other, one)
            if relation is Relation.ENDANGER:
                assert all(Effect.LIVE in TABLE.known[each].on.values() for each in (one, other))


def test_a_technique_of_another_table_gets_in_everybodys_way() -> None:
    assert TABLE.relation("fuzzing", "divination") is Relation.COMPETE


@pytest.mark.parametrize(
    ("name", "kind", "why"), [("divination", "host", "no technique"), ("static-analysis", "host", "not used")]
)
def test_what_is_not_in_the_table_is_refused(name: str, kind: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        TABLE.effect(name, TargetKind(kind))


@pytest.mark.parametrize("pairs", [[["a", "b", "compete"]], [["a", "a", "share"], ["a", "a", "share"]]])
def test_a_table_that_contradicts_itself_is_refused(pairs: list[list[str]]) -> None:
    plain = {"version": "1", "techniques": {"a": {"title": "A", "on": {"host": "live"}}}, "pairs": pairs}
    with pytest.raises(Malformed, match="stands twice"):
        read_techniques(json.dumps(plain).encode())
