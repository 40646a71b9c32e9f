"""Lists and decisions agree on rows of the database, for every verb, role and way of asking, in both directions."""

from collections.abc import Iterator

import pytest
from django.apps import apps

from clearinghouse.permissions.table import the_table
from clearinghouse.records import Record, kind_of
from tests.permissions.world import a_world, the_actors

pytestmark = pytest.mark.django_db
_FETCHED = {
    "cases:case": ("participants__invitation",),
    "cases:embargo": ("case__participants__invitation",),
    "cases:fix": ("case__participants__invitation",),
    "cases:response": ("case__participants__invitation",),
    "cases:join": ("case__participants__invitation",),
    "cases:participant": ("case__participants__invitation", "invitation"),
    "deconfliction:intent": ("meetings",),
    "findings:finding": ("joins__case__participants__invitation",),
    "validation:validation": ("finding__joins__case__participants__invitation",),
}
"""What a decision looks at beside the row itself, read once."""


def _kinds() -> Iterator[tuple[str, type[Record]]]:
    for model in apps.get_models():
        if issubclass(model, Record):
            yield f"{model._meta.app_label}:{kind_of(model)}", model


KINDS = dict(_kinds())


def test_a_list_holds_exactly_the_rows_that_decisions_allow() -> None:
    a_world()
    table, compared, allowed = the_table(), 0, 0
    for kind, model in KINDS.items():
        rows = list(model._default_manager.prefetch_related(*_FETCHED.get(kind, ())))
        assert rows, f"tests/permissions/world.py holds no {kind}; add one row for each way in which they differ"
        for verb in (one for one in table.verbs if one.rpartition(":")[0] == kind):
            for actor in the_actors():
                listed = set(model.objects.open_to(actor, verb).values_list("pk", flat=True))
                decided = {row.pk for row in rows if table.decide(actor, verb, row).allowed}
                assert listed == decided, (verb, actor)
                compared, allowed = compared + len(rows), allowed + len(decided)
    assert compared > 200_000 and 0.01 < allowed / compared < 0.5, (compared, allowed)
