"""Tests of clearinghouse/commands/main.py."""

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from clearinghouse.commands.main import SUBCOMMANDS, main


def test_help_names_every_subcommand_and_loads_none() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from clearinghouse.commands.main import main\n"
        "print(CliRunner().invoke(main, ['--help']).stdout)\n"
        "heavy = {'django', 'pydantic', 'yaml', 'cryptography', 'httpx', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"\n  {name} " in done.stdout for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", list(SUBCOMMANDS))
def test_every_subcommand_is_where_the_table_says(name: str) -> None:
    module, function = SUBCOMMANDS[name][0].split(":")
    command = getattr(importlib.import_module(module), function)
    assert isinstance(command, click.Command) and command.name == name and command.help


def test_an_unknown_subcommand_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["bake"]).exit_code == 2


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout.startswith("clearinghouse 20")
