"""Lints what lies in deploy/ with the tools of those who will read it."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def _needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_systemd_finds_nothing_wrong(unit: Path) -> None:
    argv = [_needs("systemd-analyze"), "verify", "--man=no", str(unit)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert not ours


def test_compose_reads_its_file() -> None:
    argv = [_needs("docker"), "compose", "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "is not a docker command" in done.stderr or "unknown" in done.stderr:
        pytest.skip("docker has no compose here")
    assert done.returncode == 0, done.stderr


def test_every_service_runs_a_command_that_there_is() -> None:
    from clearinghouse.commands.main import SUBCOMMANDS

    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    said = {one["command"][0] for one in services.values() if "command" in one}
    said |= {line.split()[2] for unit in UNITS for line in unit.read_text("utf-8").splitlines() if "ExecStart=" in line}
    assert said - {"serve"} <= set(SUBCOMMANDS)  # serve comes with the portal


def test_shells_read_the_scripts() -> None:
    for script in DEPLOY.glob("*.sh"):
        assert subprocess.run(["/bin/sh", "-n", str(script)], check=False).returncode == 0
