"""Lints what lies in deploy/ with the tools of those who will read it."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


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
    ours = [one for one in services.values() if one["image"] == "clearinghouse" and "entrypoint" not in one]
    said = {one["command"][0] for one in ours}
    said |= {line.split()[2] for unit in UNITS for line in unit.read_text("utf-8").splitlines() if "ExecStart=" in line}
    assert {"serve", "worker", "ledger", "database"} <= said <= set(SUBCOMMANDS)


def test_caddy_reads_its_file() -> None:
    argv = [_needs("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_service_waits_for_services_that_there_are() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    awaited = {name for one in services.values() for name in one.get("depends_on", ())}
    assert awaited <= set(services) and {"database", "roles", "prepare"} <= awaited
    assert all("image" in one for one in services.values())


def test_every_file_that_a_unit_or_a_service_names_is_here() -> None:
    named = {
        Path(line.partition("=")[2]).name
        for unit in UNITS
        for line in unit.read_text("utf-8").splitlines()
        if line.startswith("EnvironmentFile=")
    }
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    mounts = [volume for one in services.values() for volume in one.get("volumes", ())]
    named |= {one.partition(":")[0].removeprefix("./") for one in mounts if one.startswith("./")}
    assert {"app.env", "signer.env", "roles.sh", "Caddyfile"} <= named
    assert not {one for one in named if not (DEPLOY / one).is_file()}


def test_the_image_brings_the_node_that_the_readme_asks_for() -> None:
    """Debian 13 has Node 20; Debian 12 had 18."""
    assert "slim-trixie" in (DEPLOY / "Containerfile").read_text("utf-8").splitlines()[1]


def test_shells_read_the_scripts() -> None:
    for script in DEPLOY.glob("*.sh"):
        assert subprocess.run(["/bin/sh", "-n", str(script)], check=False).returncode == 0
