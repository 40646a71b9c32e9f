"""Guards that what PostgreSQL lets be read follows from the permission table, for every table that there is."""

from django.apps import apps

from clearinghouse.sight.policies import OPEN_ROOMS, walled, walls
from tests.house.policies import standing

WITHOUT_A_WALL = {
    "edges.HouseKey": "the public key, which everybody may have",
    "edges.KeptAnswer": "what was answered to whom, found by the key that they sent",
    "findings.Submission_findings": "random ids, which open nothing",
    "ledger.Entry": "hashes, which are published",
    "ledger.Event": "read by the programme alone; the triggers guard it",
    "ledger.Head": "hashes, which are published",
    "ledger.Node": "hashes, which are published",
    "ledger.Outbox": "hashes, which will be published",
    "work.Failure": "read by whoever operates the installation",
}


def test_the_migrations_put_up_what_the_permission_table_says_now() -> None:
    assert standing() == walls(), "run script/policies, and look at what it changes"


def test_every_table_has_a_wall_or_a_reason_to_have_none() -> None:
    ours = [one for one in apps.get_models(include_auto_created=True) if one.__module__.startswith("clearinghouse.")]
    behind = {model._meta.label for model, _ in walled()} | set(WITHOUT_A_WALL)
    bare = {one._meta.label for one in ours if one._meta.app_label not in OPEN_ROOMS} - behind
    assert not bare
