"""Tests of ``clearinghouse intent``, ``constraint``, ``coverage`` and ``interchange`` on a database of this machine."""

import base64
import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from clearinghouse.deconfliction.rules.interchange import claim, opt_out
from clearinghouse.deconfliction.rules.warrants import open_warrant
from clearinghouse.signing.keys import load_key, load_public_key
from tests.commands.test_conformance import run_command, run_python
from tests.parties.makers import NOON

SCAN = ("--target", "pkg:pypi/pyyaml", "--technique", "fuzzing", "--contact", "mailto:a@b.example")
URL = "https://github.com/org/project"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that is made for this module."""
    file: Path = tmp_path_factory.mktemp("scans") / "one.sqlite3"
    done = run_command("database", "prepare", "--database", str(file))
    assert done.returncode == 0, done.stderr
    return file


def on(database: Path, *words: str) -> CompletedProcess[str]:
    return run_command(*words, "--database", str(database))


def test_a_database_that_is_not_there_says_nothing_of_who_is_on_what(tmp_path: Path) -> None:
    missing = tmp_path / "slip-of-the-pen.sqlite3"
    for words in (("check", *SCAN), ("announce", *SCAN), ("list",)):
        done = on(missing, "intent", *words)
        assert done.returncode == 3 and "clearinghouse database prepare" in done.stderr, done.stdout
    assert not missing.exists()


def test_a_scan_is_led_to_its_end_on_this_machine_without_what_only_the_web_needs(database: Path) -> None:
    words = ["intent", "announce", *SCAN, "--database", str(database)]
    code = (
        f"import sys; sys.argv = ['clearinghouse', *{words!r}]\n"
        "from clearinghouse.commands.main import main\n"
        "try:\n    main()\n"
        "finally:\n    assert 'ninja' not in sys.modules, 'ninja'"
    )
    announced = run_python("-c", code, DJANGO_SETTINGS_MODULE="clearinghouse.config.settings")
    assert announced.returncode == 0, announced.stderr
    name = announced.stdout.strip()
    refused = on(database, "intent", "announce", *SCAN)
    assert refused.returncode == 3 and name in refused.stderr and "free: " in refused.stderr
    assert "ended" in on(database, "intent", "end", name).stdout
    assert name not in on(database, "intent", "list", "--json").stdout
    assert name in [one["id"] for one in json.loads(on(database, "intent", "list", "--ended", "--json").stdout)]


def test_a_scanner_makes_a_key_announces_with_it_and_takes_a_warrant_that_is_verified_offline(
    database: Path, tmp_path: Path
) -> None:
    made = run_command("intent", "key", str(tmp_path / "scanner.key"))
    public = made.stdout.strip()
    assert base64.b64encode(load_key(tmp_path / "scanner.key").public.raw).decode() == public
    again = run_command("intent", "key", str(tmp_path / "scanner.key"))
    assert again.returncode == 3 and "never written over" in again.stderr
    words = ("--target", "pkg:pypi/rich", "--technique", "fuzzing", "--contact", "mailto:a@b.example")
    home = {"CLEARINGHOUSE_HOME": str(tmp_path / "home")}
    place = ("--database", str(database))
    name = run_command("intent", "announce", *words, "--key", public, *place, **home).stdout.strip()
    out = tmp_path / "scan.warrant.json"
    done = run_command("intent", "warrant", name, "--out", str(out), *place, **home)
    assert done.returncode == 0, done.stderr
    warrant = open_warrant(out.read_bytes(), key=load_public_key(tmp_path / "home" / "keys" / "signing.key.pub"))
    assert (warrant.scan.intent, base64.b64encode(warrant.key).decode()) == (name, public)
    assert run_command("intent", "warrant", name, *place, **home).stdout.strip() == out.read_text().strip()
    assert run_command("intent", "warrant", "SCAN-0000000000", *place, **home).returncode == 3


def test_a_target_is_watched_until_it_is_watched_no_longer(database: Path) -> None:
    name = on(database, "intent", "watch", "pkg:pypi/urllib3", "--technique", "fuzzing").stdout.strip()
    assert on(database, "intent", "watches").stdout == f"{name}  pkg:pypi/urllib3  fuzzing\n"
    assert "ended" in on(database, "intent", "unwatch", name).stdout
    again = on(database, "intent", "unwatch", name)
    assert again.returncode == 3 and "ended" in again.stderr
    assert json.loads(on(database, "intent", "watches", "--json").stdout) == []
    refused = on(database, "intent", "watch", "pkg:pypi/*")
    assert refused.returncode == 3 and "too wide" in refused.stderr


_PASSER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
now = datetime.now(UTC)
home = Organization.objects.create(name="lab", created_at=now)
actor = Actor(uuid4(), "Ada", frozenset({Role.FINDER}), home.pk)
window = Window(now, now + timedelta(hours=1))
said = Announcement("fuzzing", (target_from_text(sys.argv[2]),), window, "ada@lab.example")
announce_intent(said, actor=actor, at=now)
print(home.pk)
"""


def test_who_met_a_confidential_scan_is_listed(database: Path) -> None:
    words = ("--target", "pkg:pypi/hidden", "--technique", "fuzzing", "--contact", "mailto:a@b.example")
    name = on(database, "intent", "announce", *words, "--confidential").stdout.strip()
    told = on(database, "intent", "meetings")
    assert (told.returncode, told.stdout) == (0, "") and "nobody" in told.stderr
    assert json.loads(on(database, "intent", "meetings", "--json").stdout) == []
    passed = run_python("-c", _PASSER, str(database), "pkg:pypi/hidden")
    assert passed.returncode == 0, passed.stderr
    lines = on(database, "intent", "meetings", name).stdout.splitlines()
    assert name in lines[0] and f"met by {passed.stdout.strip()} by a scan of theirs" in lines[0]
    assert lines[1] == "  fuzzing: pkg:pypi/hidden"
    assert on(database, "intent", "meetings", "SCAN-0").returncode == 3


def test_everything_that_is_wrong_with_a_scan_is_told_at_once(database: Path) -> None:
    targets = ("--target", "0.0.0.0/0", "--target", "pkg:pypi", "--target", "{bad")
    done = on(database, "intent", "announce", *targets, "--technique", "divination", "--contact", "x")
    assert done.returncode == 3
    for named in ("targets[0]", "targets[1]", "targets[2]", "technique", "contact"):
        assert named in done.stderr, done.stderr


def test_a_technique_that_there_is_none_of_is_refused_not_taken_for_nobody(database: Path) -> None:
    done = on(database, "intent", "list", "--technique", "fuzing")
    assert done.returncode == 3 and "'fuzing' is no technique" in done.stderr


def test_what_is_wrong_with_one_record_keeps_none_of_the_others_out(database: Path, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    (feed / "folder.json").mkdir(parents=True)
    first, other = (claim(one * 64, contact="security@peer.example").dump() for one in "ab")
    (feed / "claims.jsonl").write_bytes(b"\n".join([first, b'{"cut off', other]))
    (feed / "large.json").write_bytes(b"{" * (16 * 1024 * 1024 + 1))
    (feed / "optout.json").write_text(json.dumps(opt_out(URL, requested_at=NOON).plain(), indent=1))
    done = on(database, "interchange", "import", str(feed), "--json")
    assert done.returncode == 3, done.stderr
    became = {one["file"]: one["outcome"] for one in json.loads(done.stdout)}
    assert became == {
        "claims.jsonl:1": "kept",
        "claims.jsonl:2": "refused",
        "claims.jsonl:3": "kept",
        "large.json": "refused",
        "optout.json": "kept",
    }
    listed = json.loads(on(database, "constraint", "list", "--json").stdout)
    assert ("do-not-scan", URL) in [(one["says"], one["target"]["url"]) for one in listed]


def test_what_owners_here_asked_is_given_out_and_what_came_in_is_not(database: Path) -> None:
    incoming = database.with_name("in.json")
    incoming.write_bytes(opt_out("https://git.example/a/b", requested_at=NOON).dump())
    assert on(database, "interchange", "import", str(incoming)).returncode == 0
    stated = on(database, "constraint", "state", "do-not-scan", "https://git.example/c/d", "--why", "busy")
    assert stated.returncode == 0, stated.stderr
    given = on(database, "interchange", "export", "--kind", "optout").stdout.splitlines()
    assert [json.loads(one)["predicate"]["repository"] for one in given] == ["https://git.example/c/d"]


def test_work_is_divided_among_those_who_are_named(database: Path) -> None:
    ada, ben = "0" * 32, "1" * 32
    willing = ("--willing", f"{ada}=static-analysis", "--willing", f"{ben}=fuzzing")
    scan = ("--target", "pkg:pypi/divided", *SCAN[2:])
    said = json.loads(on(database, "intent", "suggest", *scan, *willing, "--json").stdout)
    assert {one["technique"] for one in said["shares"]} <= {"static-analysis", "fuzzing"} and said["shares"]
    told = on(database, "intent", "suggest", *scan, *willing, "--part", "src=3", "--part", "docs")
    assert "00000000-0000-0000-0000-000000000000: src (3 of 4 by weight)" in told.stdout, told.stderr
    wrong = on(database, "intent", "suggest", *scan, "--willing", "ada")
    assert wrong.returncode == 3 and "no organization" in wrong.stderr
    nothing = on(database, "coverage", "next")
    assert nothing.returncode == 0 and "nothing is on record" in nothing.stderr


def test_what_was_covered_is_written_down(database: Path) -> None:
    scan = ("--target", "pkg:pypi/covered", *SCAN[2:])
    name = on(database, "intent", "announce", *scan).stdout.strip()
    assert on(database, "intent", "start", name).returncode == 0
    recorded = on(database, "coverage", "record", name, "--target", "pkg:pypi/covered", "--findings", "2")
    assert recorded.returncode == 0, recorded.stderr
    (found,) = json.loads(on(database, "coverage", "list", "--target", "pkg:pypi/covered", "--json").stdout)
    assert (found["intent"], found["findings"]) == (name, 2)
    mapped = on(database, "coverage", "map", "pkg:pypi/covered", URL)
    assert "is built from" in mapped.stdout, mapped.stderr
