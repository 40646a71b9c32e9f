"""What was looked at as a whole, held against the plain way of saying it: every piece asked with all before it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules import covering
from clearinghouse.deconfliction.rules.binding import is_within
from clearinghouse.deconfliction.rules.covering import TOGETHER, Looked, Piece, last_look, looks
from clearinghouse.deconfliction.rules.mappings import Mapped
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from_text, target_of
from clearinghouse.deconfliction.rules.targets.software import Software
from tests.parties.makers import NOON

DAY = timedelta(days=1)
TREES = ["https://git.example/x/one", "https://git.example/x/two"]
PACKAGE = target_from_text("pkg:pypi/pyyaml")
BLOCK = target_from_text("198.51.100.0/30")
SAID = tuple(Mapped(Software.read("pkg:pypi/pyyaml"), tree) for tree in TREES)
CODE: list[Target] = [PACKAGE, *map(target_from_text, TREES), target_from_text("pkg:pypi/pyy*")]
CODE += [target_of({"kind": "software", "package": "pkg:pypi/pyyaml", "paths": "src"})]
CODE += [target_of({"kind": "repository", "url": TREES[0], "paths": "docs/**"})]
HALVES: list[Target] = [target_from_text(f"198.51.100.{host}") for host in ("0", "1", "2", "3", "0/31", "2/31", "0/29")]


def _pieces(areas: list[Target]) -> st.SearchStrategy[list[Piece]]:
    """Draw pieces of which no two were covered at one time."""
    days = st.dictionaries(st.integers(0, 300), st.sampled_from(areas), max_size=12)
    return days.map(lambda drawn: [Piece(area, NOON + day * DAY) for day, area in drawn.items()])


def _is_whole(target: Target, areas: list[Target]) -> bool:
    trees = [target_from_text(tree) for tree in TREES] if target is PACKAGE else []
    return is_within(target, areas) or bool(trees and all(is_within(one, areas) for one in trees))


def _plain_looks(target: Target, pieces: list[Piece]) -> list[datetime]:
    found, waiting = list[datetime](), list[Piece]()
    for one in sorted(pieces, key=lambda piece: piece.at):
        waiting = [*(other for other in waiting if one.at - other.at <= TOGETHER), one]
        if _is_whole(target, [other.area for other in waiting]):
            found.append(one.at)
            waiting = []
    return found


def _plain_last(target: Target, pieces: list[Piece]) -> Looked:
    latest = sorted(pieces, key=lambda piece: piece.at, reverse=True)
    for count, one in enumerate(latest, 1):
        if _is_whole(target, [other.area for other in latest[:count]]):
            return Looked(one.at, latest[0].at)
    return Looked(None, latest[0].at if latest else None)


@given(_pieces(CODE))
def test_code_was_looked_at_when_one_piece_held_it_or_every_repository_of_it(pieces: list[Piece]) -> None:
    assert last_look(PACKAGE, pieces, SAID) == _plain_last(PACKAGE, pieces)
    assert list(looks(PACKAGE, pieces, SAID)) == _plain_looks(PACKAGE, pieces)


@given(_pieces(HALVES))
def test_a_block_was_looked_at_when_pieces_that_are_not_far_apart_held_all_of_it(pieces: list[Piece]) -> None:
    assert last_look(BLOCK, pieces) == _plain_last(BLOCK, pieces)
    assert list(looks(BLOCK, pieces)) == _plain_looks(BLOCK, pieces)


@pytest.mark.parametrize("kind", ["folders", "addresses"])
def test_very_many_pieces_are_not_each_held_against_all_the_others(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "folders":
        target, plain = PACKAGE, {"kind": "software", "package": "pkg:pypi/pyyaml"}
        areas = [target_of(plain | {"paths": f"src/{number}"}) for number in range(400)]
    else:
        target, areas = target_from_text("198.51.100.0/23"), [target_from_text(f"198.51.100.{n}") for n in range(200)]
    pieces = [Piece(area, NOON + number * DAY / 1000) for number, area in enumerate(2 * areas)]
    held = list[int]()

    def counted(one: Target, others: list[Target]) -> bool:
        held.append(len(others))
        return is_within(one, others)

    monkeypatch.setattr(covering, "is_within", counted)
    assert last_look(target, pieces) == Looked(None, pieces[-1].at)
    assert sum(held) < 20 * len(pieces)
    held.clear()
    assert not list(looks(target, pieces))
    assert len(held) == len(areas) if kind == "addresses" else max(held) == 1
