"""The golden matrix of the whole table; and that no single change of the table goes unseen in it."""

import random
from collections.abc import Iterator
from dataclasses import replace

from clearinghouse.errors import Malformed
from clearinghouse.permissions.guards import EVERYTHING, Among, Either, Guard, Oneself, Seated
from clearinghouse.permissions.rules import ANY_STATE, NEED_SECOND_FACTOR, Actor, Role, Row, Subject, Table, Verdict
from clearinghouse.permissions.table import the_table
from tests.permissions.matrix import GOLDEN, actor, allowed, cells, lines, matrix, states_of


def test_the_table_decides_what_the_golden_matrix_says() -> None:
    assert matrix(the_table()) == GOLDEN.read_text("utf-8"), "after a change: python -m tests.permissions.matrix"


def _seat_mutants(guard: Seated) -> Iterator[Guard]:
    for tier in range(4):
        yield replace(guard, tiers=tuple(one for one in range(4) if (one in guard.tiers) != (one == tier)))
    for number, (relation, clause) in enumerate(guard.path):
        if clause != EVERYTHING:
            path = (*guard.path[:number], (relation, EVERYTHING), *guard.path[number + 1 :])
            yield replace(guard, path=path)


def _guard_mutants(guard: Guard) -> Iterator[Guard]:
    """Yield the guard with one thing about it changed."""
    match guard:
        case Seated():
            yield from _seat_mutants(guard)
        case Among():
            for value in guard.values:
                yield replace(guard, values=tuple(one for one in guard.values if one != value))
            yield replace(guard, values=(*guard.values, Role.COORDINATOR))
        case Oneself():
            yield replace(guard, or_second_factor=not guard.or_second_factor)
        case Either():
            yield from guard.guards
            for number, one in enumerate(guard.guards):
                for changed_one in _guard_mutants(one):
                    yield Either((*guard.guards[:number], changed_one, *guard.guards[number + 1 :]))
        case _:
            return


def _mutants(row: Row) -> Iterator[Row | None]:
    """Yield the row with one thing about it changed; None: without it."""
    yield None
    for role in Role:
        roles = tuple(one for one in Role if (one in row.roles) != (one is role))
        if roles:
            yield replace(row, roles=roles)
    every = states_of(row.verb)
    if row.states == ANY_STATE:
        yield from (replace(row, states=tuple(one for one in every if one != state)) for state in every)
    else:
        yield replace(row, states=ANY_STATE)
        for state in every:
            states = tuple(one for one in every if (one in row.states) != (one == state))
            if states:
                yield replace(row, states=states)
    for number, guard in enumerate(row.guards):
        yield replace(row, guards=(*row.guards[:number], *row.guards[number + 1 :]))
        for changed in _guard_mutants(guard):
            yield replace(row, guards=(*row.guards[:number], changed, *row.guards[number + 1 :]))
    if not NEED_SECOND_FACTOR.isdisjoint(row.roles):
        yield replace(row, one_factor=not row.one_factor)


def test_every_single_change_of_the_table_changes_the_matrix_or_is_refused() -> None:
    table, tried, survived = the_table(), 0, []
    for verb in table.verbs:
        rows = table.rows(verb)
        asked = [(cell, cell.answer(table)) for cell in cells(verb)]
        random.Random(verb).shuffle(asked)  # noqa: S311 - differences are found sooner out of order
        for number, row in enumerate(rows):
            for mutant in _mutants(row):
                tried += 1
                changed = (*rows[:number], *([mutant] if mutant else []), *rows[number + 1 :])
                if not changed:  # no row knows the verb any more, which every question about it says
                    continue
                try:
                    mutated = Table(changed)
                except Malformed:  # two rows about one cell: the table does not come to be
                    continue
                if all(cell.answer(mutated) == answer for cell, answer in asked):
                    survived.append((row, mutant))
    assert not survived, f"{len(survived)} of {tried} go unseen, such as {survived[:3]}"
    assert tried > 1_900


class EarlyReturn(Table):
    """The mistake of others: whoever runs the installation is let through before anything is asked."""

    def decide(self, actor: Actor, verb: str, subject: Subject | None = None) -> Verdict:
        """Say yes to administrators."""
        if Role.ADMINISTRATOR in actor.roles:
            return Verdict(allowed=True, why="")
        return super().decide(actor, verb, subject)


def test_an_early_return_for_anybody_changes_the_matrix_of_every_verb_that_is_not_theirs() -> None:
    table = the_table()
    rows = [row for verb in table.verbs for row in table.rows(verb)]
    wrong = EarlyReturn(rows)
    assert all(
        list(lines(wrong, verb)) != list(lines(table, verb)) for verb in ("cases:case:read", "parties:token:read")
    )


def test_a_token_may_exactly_what_role_and_scope_both_allow() -> None:
    table = the_table()
    rooms = sorted({verb.split(":")[0] for verb in table.verbs})
    kinds = sorted({verb.rpartition(":")[0] for verb in table.verbs})
    for verb in table.verbs:
        for role in Role:
            whole = allowed(table, verb, "open", actor(role))
            by_token = allowed(table, verb, "open", actor(role, scopes=frozenset({verb})))
            assert set(by_token) <= set(whole), "a token widens nothing"
            if not by_token:
                continue
            for scope in (*rooms, *kinds, f"{verb}x", verb.rpartition(":")[0] + ":", "", "*", verb[:-1]):
                found = allowed(table, verb, "open", actor(role, scopes=frozenset({scope})))
                within = verb == scope or verb.startswith(f"{scope}:")
                assert found == (by_token if within and scope else []), (verb, role, scope)
