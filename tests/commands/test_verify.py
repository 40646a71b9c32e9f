"""Tests of clearinghouse/commands/verify.py: what is refused before anything runs, and what differs after."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import clearinghouse
from clearinghouse.advisories.bundles import STATEMENT_FILE, open_bundle
from clearinghouse.commands.verify import compared, read_folder, verify
from clearinghouse.errors import Malformed
from clearinghouse.signing.keys import SigningKey, public_path, save_key
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.rules import Control, ControlName, Grade, Reason, Said
from tests.advisories.conftest import Written, empty, world  # noqa: F401 - fixtures
from tests.advisories.makers import SIGNER, lodash_judgement

JUDGED = lodash_judgement()


@pytest.fixture
def bundle(world: Written) -> Path:  # noqa: F811 - the fixture
    folder: Path = world.out / "cases" / world.case("pkg:npm/lodash")["key"]
    return folder / "bundle"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    save_key(SIGNER, tmp_path / "signer")
    return public_path(tmp_path / "signer")


def verified(bundle: Path, key: Path, *more: str) -> Result:
    return CliRunner().invoke(verify, [str(bundle), "--key", str(key), "--no-run", *more])


def test_a_sound_bundle_holds(bundle: Path, key: Path) -> None:
    ended = verified(bundle, key)
    assert ended.exit_code == 0 and "hold" in ended.output


def test_json_names_the_case(bundle: Path, key: Path) -> None:
    assert json.loads(verified(bundle, key, "--json").output)["case"] == bundle.parent.name


def test_a_key_is_demanded(bundle: Path) -> None:
    assert CliRunner().invoke(verify, [str(bundle)]).exit_code == 2


def test_a_key_inside_the_bundle_is_refused(bundle: Path) -> None:
    own = SigningKey(bytes(32))
    save_key(own, bundle / "their")
    ended = verified(bundle, public_path(bundle / "their"))
    assert ended.exit_code == 3 and "came along" in ended.output


def test_also_by_a_link_from_outside(bundle: Path, tmp_path: Path) -> None:
    save_key(SIGNER, bundle / "their")
    (tmp_path / "link.pub").symlink_to(public_path(bundle / "their"))
    os.link(public_path(bundle / "their"), tmp_path / "hard.pub")
    for name in ("link.pub", "hard.pub"):
        assert "came along" in verified(bundle, tmp_path / name).output


def test_also_when_it_was_copied_out_of_the_bundle(bundle: Path, key: Path) -> None:
    (bundle / "signer.pub").write_bytes(key.read_bytes())
    ended = verified(bundle, key)
    assert ended.exit_code == 3 and "came along" in ended.output


def test_a_changed_file_is_named(bundle: Path, key: Path) -> None:
    (bundle / "case.json").write_bytes((bundle / "case.json").read_bytes() + b" ")
    ended = verified(bundle, key)
    assert ended.exit_code == 3 and "case.json was changed" in ended.output


def test_a_link_in_a_bundle_is_refused(bundle: Path, key: Path) -> None:
    (bundle / "more").symlink_to("/etc/passwd")
    assert "no regular file" in verified(bundle, key).output


def test_a_bundle_that_says_something_else_is_never_run(bundle: Path, key: Path) -> None:
    (bundle / "findings").joinpath("extra").write_text("x")
    with pytest.raises(Malformed):
        open_bundle(read_folder(bundle), key=SIGNER.public)
    assert CliRunner().invoke(verify, [str(bundle), "--key", str(key)]).exit_code == 3


def test_the_same_verdict_is_the_same(bundle: Path) -> None:
    evidence = open_bundle(read_folder(bundle), key=SIGNER.public).evidence[0]
    used = {purl: tuple(digests) for purl, digests in evidence.environments.items()}
    result = compared(evidence, Judged(JUDGED, environments=used))
    assert (result["same"], result["differs"], result["notes"]) == (True, [], [])


def test_what_differs_is_said(bundle: Path) -> None:
    evidence = open_bundle(read_folder(bundle), key=SIGNER.public).evidence[0]
    other = lodash_judgement(
        grade=Grade.C,
        reason=Reason.NO_CONTROL,
        state=("x.y",),
        controls=(Control(ControlName.FIXED, Said.NOT_POSSIBLE, ""),),
    )
    result = compared(evidence, Judged(other, environments={"pkg:npm/lodash@4.17.15": ("sha256:other",)}))
    assert not result["same"]
    assert result["differs"][0] == "grade: A in the bundle, C here"
    assert any("made of other files" in one for one in result["notes"])
    assert any(one.startswith("control fixed-release: passed in the bundle") for one in result["notes"])


def test_verifying_needs_neither_django_nor_a_database() -> None:
    needed = "clearinghouse.commands.verify, clearinghouse.advisories.bundles, clearinghouse.validation.equipment"
    program = f"import {needed}, sys; print([one for one in sys.modules if one.split('.')[0] == 'django'])"
    source = str(Path(clearinghouse.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_a_refusal_is_a_document_too_for_programs(bundle: Path, key: Path) -> None:
    (bundle / "case.json").write_bytes(b"{}")
    ended = CliRunner().invoke(verify, [str(bundle), "--key", str(key), "--json"])
    said = json.loads(ended.stdout)
    assert ended.exit_code == 3
    assert said["refused"] == "case.json was changed"
    assert said["same"] is False


def test_a_flipped_byte_in_any_file_is_named_before_anything_runs(bundle: Path, key: Path) -> None:
    files = read_folder(bundle)
    for name, data in files.items():
        if not data or name == STATEMENT_FILE:
            continue
        (bundle / name).write_bytes(bytes([data[0] ^ 1]) + data[1:])
        ended = CliRunner().invoke(verify, [str(bundle), "--key", str(key), "--json"])
        (bundle / name).write_bytes(data)
        assert ended.exit_code == 3
        assert json.loads(ended.stdout)["refused"] == f"{name} was changed"


def test_a_pipe_in_a_bundle_is_refused_and_not_waited_for(bundle: Path, key: Path) -> None:
    os.mkfifo(bundle / "pipe")
    assert "no regular file" in verified(bundle, key).output


def test_a_folder_that_is_a_link_is_refused(bundle: Path, key: Path, tmp_path: Path) -> None:
    (bundle / "more").symlink_to(tmp_path, target_is_directory=True)
    assert "no regular file" in verified(bundle, key).output
