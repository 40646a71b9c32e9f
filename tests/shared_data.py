"""Reference data that lies beside the repository and is not part of it."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def shared(*parts: str) -> Path:
    """Return a path under the shared folder, or skip the test where it is absent."""
    path = _SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"reference data not here: {'/'.join(parts)}")
    return path
