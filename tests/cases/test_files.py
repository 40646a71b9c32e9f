"""Tests of clearinghouse/cases/files.py: what nothing names goes, and nothing that somebody is about to name."""

import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.files import remove_unneeded
from clearinghouse.cases.responding import hand_in_fix
from clearinghouse.findings.actions import keep_files, take_in_claims
from clearinghouse.findings.files import hold_files
from clearinghouse.findings.intake.reading import read_bytes
from clearinghouse.findings.models import Submission
from clearinghouse.findings.submissions import hand_in
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from tests.advisories.world import GOOD_PATCH, a_world
from tests.findings.test_submissions import a_tar
from tests.parties.makers import NOON, a_person


class Overtaken(Artefacts):
    """A store in which whatever was just kept goes at once: nothing names it yet, and retention is at work."""

    def put(self, data: bytes) -> str:
        """Keep ``data``, and lose it once."""
        digest = super().put(data)
        if digest not in self.lost:
            self.lost.add(digest)
            remove_unneeded({digest}, self)
            assert not self.has(digest)
        return digest

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lost: set[str] = set()


@pytest.fixture
def store(tmp_path: Path) -> Overtaken:
    return Overtaken(tmp_path / "artefacts")


def _hand_in(person: Person, store: Artefacts, receipt: str = "R" * 26) -> Submission:
    return hand_in(b"{}", name="a.json", receipt=receipt, artefacts=store, actor=actor_for_person(person), at=NOON)


@pytest.mark.django_db
def test_what_is_handed_in_as_the_same_bytes_go_is_there(store: Overtaken) -> None:
    assert store.get(_hand_in(a_person(), store).digest) == b"{}"


@pytest.mark.django_db
def test_what_is_taken_in_as_the_same_files_go_is_there(store: Overtaken) -> None:
    kept = keep_files(read_bytes(a_tar(), name="r.tgz"), artefacts=store)
    (finding,) = take_in_claims(kept, name="r.tgz", organization=None, artefacts=store, actor=CLEARINGHOUSE, at=NOON)
    digests = {finding.source_digest, *finding.artefacts.values()}
    assert len(digests) > 2 and all(store.has(one) for one in digests)


@pytest.mark.django_db
def test_a_fix_that_is_handed_in_as_the_same_bytes_go_is_there(tmp_path: Path, store: Overtaken) -> None:
    world = a_world(Artefacts(tmp_path / "artefacts"))
    data = GOOD_PATCH.replace("570", "571").encode()
    fix = hand_in_fix(world.case, data, file="a.patch", artefacts=store, actor=LOCAL, at=NOON)
    assert store.get(fix.digest) == data


@pytest.mark.django_db
def test_what_nothing_names_goes_and_what_something_names_stays(tmp_path: Path) -> None:
    store = Artefacts(tmp_path / "artefacts")
    named, unnamed = _hand_in(a_person(), store).digest, store.put(b"nobody's")
    remove_unneeded({named, unnamed}, store)
    assert store.has(named) and not store.has(unnamed)


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_removed_while_somebody_is_about_to_name_it(tmp_path: Path) -> None:
    store, person = Artefacts(tmp_path / "artefacts"), a_person()
    digest = store.put(b"{}")

    def remove() -> None:
        try:
            remove_unneeded({digest}, store)
        finally:
            connection.close()

    remover = threading.Thread(target=remove)
    with transaction.atomic():
        hold_files({digest: b"{}"}, store)
        remover.start()
        remover.join(0.5)
        assert remover.is_alive() and store.has(digest)
        _hand_in(person, store)
    remover.join(20)
    assert not remover.is_alive() and store.has(digest)
