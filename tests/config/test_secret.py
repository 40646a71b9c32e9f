"""Tests of clearinghouse/config/secret.py."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clearinghouse.config.secret import secret_key
from clearinghouse.errors import NotPossible


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "web.secret"
    assert secret_key(file) == secret_key(file) and len(secret_key(file)) >= 43
    assert file.stat().st_mode & 0o777 == 0o600 and [one.name for one in file.parent.iterdir()] == ["web.secret"]


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as together:
        keys = list(together.map(lambda _: secret_key(tmp_path / "web.secret"), range(8)))
    assert len(set(keys)) == 1


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "web.secret").write_text("short")
    with pytest.raises(NotPossible, match="43 random characters"):
        secret_key(tmp_path / "web.secret")
