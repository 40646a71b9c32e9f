"""Tests of clearinghouse/edges/status.py."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from clearinghouse import errors
from clearinghouse.edges.status import HTTP_STATUS, http_status, refusals_exit


@click.command()
@click.argument("kind")
@refusals_exit
def fail(kind: str) -> None:
    """Raise what is named."""
    if kind == "fault":
        raise LookupError("broken")
    raise getattr(errors, kind)("found this; that would be right")


@pytest.mark.parametrize("kind", [kind.__name__ for kind in HTTP_STATUS])
def test_every_refusal_exits_3_with_its_reason_on_stderr(kind: str) -> None:
    result = CliRunner().invoke(fail, [kind])
    assert result.exit_code == 3 and result.stderr == "refused: found this; that would be right\n" and not result.stdout


def test_a_fault_is_left_to_crash() -> None:
    assert isinstance(CliRunner().invoke(fail, ["fault"]).exception, LookupError)


def test_a_refused_report_answers_like_anything_malformed() -> None:
    assert http_status(errors.Refused((errors.Problem("code", "", "reason", "fix"),))) == 422


def test_every_kind_of_refusal_has_a_status() -> None:
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ClearinghouseError)
    }
    assert kinds - {errors.ClearinghouseError, errors.Refused} == set(HTTP_STATUS)


@click.command()
@click.argument("path")
@refusals_exit
def look(path: str) -> None:
    """Open what is named."""
    Path(path).read_bytes()


def test_a_path_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    result = CliRunner().invoke(look, [str(tmp_path / "none")])
    assert result.exit_code == 3
    assert result.stderr.startswith(f"refused: {tmp_path / 'none'}: No such file or directory")
