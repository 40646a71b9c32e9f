from clearinghouse.validation.reasons import REASONS, TABLE, helps
from clearinghouse.validation.rules import Reason


def test_every_reason_says_what_was_found_and_what_helps() -> None:
    assert set(TABLE) == set(Reason)
    for told in TABLE.values():
        assert told.says.endswith(".") and told.helps.endswith(".")


def test_no_two_reasons_say_the_same() -> None:
    assert len(set(REASONS.values())) == len(Reason)


def test_what_is_no_reason_of_ours_has_no_help() -> None:
    assert helps("invalid-purl") == "" and helps("") == ""
    assert helps("flaky") == TABLE[Reason.FLAKY].helps
