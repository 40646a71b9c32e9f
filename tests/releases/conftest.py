"""An index of our own, and a cache that the sandbox can read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases.makers import LocalIndex, a_cache, an_index


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    """An index on loopback."""
    with an_index() as made:
        yield made


@pytest.fixture
def cache() -> Iterator[Path]:
    """An empty cache."""
    with a_cache() as made:
        yield made
