from pathlib import Path

import pytest

from clearinghouse.commands.clear import STATE, own_folder
from clearinghouse.errors import Malformed


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Malformed, match="holds other things"):
        own_folder(tmp_path, ())


def test_the_folder_of_an_earlier_clearing_is_taken_up_again(tmp_path: Path) -> None:
    (tmp_path / STATE).mkdir()
    (tmp_path / STATE / "clearinghouse.sqlite3").touch()
    own_folder(tmp_path, ())


@pytest.mark.parametrize(("out", "report"), [("reports/out", "reports"), ("out", "out/one"), ("same", "same")])
def test_output_and_reports_may_not_lie_one_in_the_other(tmp_path: Path, out: str, report: str) -> None:
    with pytest.raises(Malformed, match="keep them apart"):
        own_folder(tmp_path / out, (tmp_path / report,))


def test_a_new_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    own_folder(tmp_path / "deep" / "out", ())
    assert (tmp_path / "deep" / "out").stat().st_mode & 0o777 == 0o700
