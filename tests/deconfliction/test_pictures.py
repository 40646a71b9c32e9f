"""The picture of standing scans."""

import re
from datetime import timedelta

import pytest

from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.pictures import timeline
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import a_member, a_scan, announced
from tests.parties.makers import NOON, a_person, right_now

_LINE = re.compile(r'<line class="now"[^>]* y1="([0-9]+)" y2="([0-9]+)"')
_NAME = re.compile(r'<text class="over" x="0" y="([0-9]+)"')
_LETTERS = 13
"""How far letters reach above the line that they stand on."""


def test_a_strip_holds_its_scans_below_its_name_and_the_next_begins_below_them() -> None:
    hours = [(0, 4), (1, 2), (6, 8)]
    standing = [
        Intent(
            targets=[{"kind": "software", "package": package}],
            starts_at=NOON + timedelta(hours=start),
            ends_at=NOON + timedelta(hours=end),
        )
        for package in ("pkg:pypi/a", "pkg:pypi/b")
        for start, end in hours
    ]
    first, second = timeline(standing, at=NOON, own=None).strips
    for strip in (first, second):
        assert strip.top < strip.begins == min(bar.top for bar in strip.bars)
        assert strip.ends > max(bar.top for bar in strip.bars)
    assert first.ends < second.top


@pytest.mark.django_db
def test_the_line_of_now_goes_through_scans_and_through_no_name() -> None:
    now = right_now()
    for package in ("pkg:pypi/a", "pkg:pypi/b"):
        announced(a_scan(package, window=Window(now, now + timedelta(hours=4))), a_member(), at=now)
    page = signed_in(a_person(Role.FINDER, at=right_now())).get("/scans").content.decode()
    lines = [(int(start), int(end)) for start, end in _LINE.findall(page)]
    names = [int(one) for one in _NAME.findall(page)]
    assert (len(lines), len(names)) == (3, 2)
    assert not [name for name in names for start, end in lines if start < name and end > name - _LETTERS]
