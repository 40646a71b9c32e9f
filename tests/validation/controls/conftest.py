"""A bench for whole verdicts."""

from pathlib import Path

import pytest

from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.sandbox.select import sandbox_for
from tests.validation.controls.stands import Bench, open_folder

kept_folder = pytest.fixture(open_folder, scope="session", name="kept_folder")
bench_folder = pytest.fixture(open_folder, name="bench_folder")


@pytest.fixture
def bench(kept_folder: Path, bench_folder: Path) -> Bench:
    return Bench(bench_folder, sandbox_for(), Interpreters(kept_folder))
