"""A program listens and has a webhook: what happens reaches both, through real servers, workers and receivers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from clearinghouse_client.events import Events
from clearinghouse_client.session import Session
from tests.cluster import Cluster
from tests.commands.test_serve import COMMAND, serving
from tests.notices.receiver import a_receiver, trust

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]
ROOT = Path(__file__).parents[2]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}  # noqa: TID251 - for a child


def _seed(database: str, url: str) -> tuple[str, str]:
    """Return the token of a finder and the id of their webhook."""
    argv = [sys.executable, "-m", "tests.notices.seeding", database, url]
    done = subprocess.run(argv, env=_environment(), cwd=ROOT, capture_output=True, text=True, check=True)
    token, webhook = done.stdout.split()
    return token, webhook


@contextmanager
def _working(database: str) -> Iterator[None]:
    """Have a worker beside the server, as PostgreSQL needs it."""
    argv = [*COMMAND, "worker", "--database", database, "--concurrency", "1"]
    with subprocess.Popen(argv, env=_environment(), stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _journey(database: str, folder: Path) -> None:
    with a_receiver() as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARINGHOUSE_RECEIVERS", str(trust(receiver, folder)))
        token, webhook = _seed(database, receiver.url)
        with serving(database) as server, Session(server.url, token) as session:
            if database.startswith("postgresql"):
                with _working(database):
                    _listen(server.url, session, webhook, token)
            else:
                _listen(server.url, session, webhook, token)
        (said,) = receiver.said()
        assert said["type"] == "webhook.test" and said["data"]["id"] == webhook


def _listen(url: str, session: Session, webhook: str, token: str) -> None:
    """Listen, have a test sent, hear of it, hear it again by its place, and see that it was taken."""
    events = Events(session)
    stream = events.listen()
    answer = httpx.post(f"{url}/api/v1/webhooks/{webhook}/test", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 202, answer.text
    heard = next(stream)
    assert heard.event == "webhook.test" and heard.about == webhook and heard.kind == "webhook"
    stream.close()
    (again,) = events.page()
    assert again == heard
    replayed = events.listen(after="00000000-0000-0000-0000-000000000000")
    assert next(replayed) == heard
    replayed.close()
    deliveries = f"/webhooks/{webhook}/deliveries"
    until = time.monotonic() + 20
    while time.monotonic() < until and session.get(deliveries).json()["items"][0]["state"] != "delivered":
        time.sleep(0.2)
    assert [one["state"] for one in session.get(deliveries).json()["items"]] == ["delivered"]


def test_on_a_file_the_server_alone_does_it(tmp_path: Path) -> None:
    _journey(str(tmp_path / "one.sqlite3"), tmp_path)


def test_on_postgresql_a_worker_gives_places_and_sends(cluster: Cluster, tmp_path: Path) -> None:
    _journey(cluster.create("notices"), tmp_path)
