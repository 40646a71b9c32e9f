from pathlib import Path

import pytest

from clearinghouse.sandbox.pressure import is_starved, pressure, waited_seconds


def test_the_seconds_are_those_in_which_some_program_waited(tmp_path: Path) -> None:
    source = tmp_path / "cpu"
    source.write_text(
        "some avg10=0.28 avg60=16.10 avg300=18.44 total=135442080\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
    )
    assert waited_seconds(source) == pytest.approx(135.44208)


@pytest.mark.parametrize("text", ["", "some\n", "some total=many\n"])
def test_a_kernel_that_does_not_say_is_not_believed_to_be_idle(tmp_path: Path, text: str) -> None:
    (tmp_path / "cpu").write_text(text)
    assert waited_seconds(tmp_path / "cpu") is None
    assert waited_seconds(tmp_path / "gone") is None
    assert pressure(None, 1.0, 1.0) is None


def test_the_pressure_is_a_share_of_the_time() -> None:
    assert pressure(1.0, 1.5, 2.0) == 0.25
    assert pressure(1.0, 9.0, 2.0) == 1.0


def test_only_what_had_no_processor_of_its_own_on_a_busy_machine_is_starved() -> None:
    assert is_starved(1.0, 10.0, 0.9)
    assert is_starved(1.0, 10.0, None)
    assert not is_starved(9.0, 10.0, 0.9)
    assert not is_starved(1.0, 10.0, 0.0)


def test_who_sleeps_is_not_starved_however_busy_the_machine() -> None:
    assert not is_starved(0.2, 10.0, 1.0, waited_seconds=0.5)
    assert is_starved(2.0, 10.0, 0.0, waited_seconds=7.0)
    assert not is_starved(9.0, 10.0, 1.0, waited_seconds=50.0)
