import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.cases.models import Response
from clearinghouse_client import session as sessions
from tests.clearinghouse_client.here import Here
from tests.house.sources import REFERENCE
from tests.journeys.ways import a_house
from tests.parties.makers import a_token, right_now

GUIDE = REFERENCE.parent / "guide" / "client.md"


@pytest.mark.django_db
def test_the_example_of_the_guide_runs(
    settings: Any,  # noqa: ANN401 - pytest-django's
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_house(settings, tmp_path)
    token = a_token(world.coordinator, "cases", "findings", "validation", at=right_now(), second_factor=True)
    monkeypatch.setenv("CLEARINGHOUSE_SERVER", "http://clearinghouse.example")
    monkeypatch.setenv("CLEARINGHOUSE_TOKEN", token)
    monkeypatch.setattr(sessions, "Session", partial(sessions.Session, transport=Here()))
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(GUIDE), "exec"), {})  # noqa: S102 - our own guide
    told = capsys.readouterr().out
    assert world.case.public_id in told and "['confirmed']" in told
    assert Response.objects.filter(case=world.case, why="we see it too").count() == 1


def test_the_guide_names_every_module() -> None:
    source = Path(sessions.__file__).parent
    named = set(re.findall(r"`(\w+)`", GUIDE.read_text(encoding="utf-8")))
    assert {one.stem for one in source.glob("*.py")} - named <= {"__init__", "session", "shapes"}
