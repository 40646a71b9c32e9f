"""The benches themselves: what they count can be counted wrong."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import csaf, kill
from bench.__main__ import BENCHES
from bench.bare import Bare
from bench.clearings import finished
from bench.options import options_from
from clearinghouse.sandbox.profile import Job, Limits, Mount


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_can_be_started(name: str) -> None:
    assert callable(importlib.import_module(f"bench.{name}").main)


def test_a_bench_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        options_from(["speed"], BENCHES)
    assert "no bench 'speed'" in capsys.readouterr().err


def test_options_come_in_any_order() -> None:
    found = options_from(["kill", "--seed", "7", "csaf"], BENCHES)
    assert (found.names, found.seed) == (("kill", "csaf"), 7)


def test_a_clearing_that_was_begun_anew_is_not_finished(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "index.json").write_text("{}")
    assert finished(tmp_path) == tmp_path
    begun = tmp_path / "state" / "clearinghouse.sqlite3.migrating"
    begun.touch()
    os.utime(tmp_path / "index.json", (1, 1))
    with pytest.raises(FileNotFoundError):
        finished(tmp_path)


def test_the_planted_document_differs_in_one_product_alone() -> None:
    document = {"vulnerabilities": [{"product_status": {"known_affected": ["CSAFPID-1"]}}]}
    assert csaf.broken(document)["vulnerabilities"][0]["product_status"] == {
        "known_affected": ["CSAFPID-1", "CSAFPID-planted"]
    }
    assert document["vulnerabilities"][0]["product_status"] == {"known_affected": ["CSAFPID-1"]}


def test_a_bare_job_finds_its_mounts_brief_and_files_at_real_paths() -> None:
    code = (
        "import json,os,sys;brief=json.loads(os.read(int(sys.argv[1]),9999));"
        "os.write(int(sys.argv[2]),json.dumps([brief['target'],open('one/two').read()]).encode())"
    )
    brief = {"target": {"root": "/target", "deps": "/deps", "stdlib": ""}}
    job = Job(
        argv=("/usr/bin/env", "python3", "-I", "-c", code, "{brief}", "{records}"),
        mounts=(Mount(Path("/usr/share"), "/target"),),
        brief=json.dumps(brief).encode(),
        files={"one/two": b"here"},
    )
    with Bare() as bare:
        ended = bare.run(job)
    assert ended.exit_code == 0, ended.stderr
    assert json.loads(ended.records) == [{"root": "/usr/share", "deps": "/deps", "stdlib": ""}, "here"]
    assert 0 < bare.seconds < 60


def test_a_bare_job_does_not_outlive_its_limit() -> None:
    with Bare() as bare:
        ended = bare.run(Job(argv=("/bin/sh", "-c", "sleep 30"), limits=Limits(wall_seconds=0.2)))
    assert ended.timed_out
    assert ended.signal == 9


def test_a_process_that_lost_its_parent_is_still_found() -> None:
    before = set(kill._processes())
    middle = "import subprocess,sys;subprocess.Popen(['sh','-c','sleep 20; : echo up >&2']);print(flush=True);input()"
    parent = subprocess.Popen([sys.executable, "-c", middle], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    parent.stdout.readline()
    family = kill._family(parent.pid)
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    left = kill._left(family, before)
    adopted = kill._left(frozenset(), before)
    for pid in left:
        os.kill(pid, 9)
    assert left
    assert adopted & left
