"""What a new condition asks for, and what is kept from one call to the next."""

import pytest

from clearinghouse.validation.patches.doors import doors, kept
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change, Reading

CODE = Background({"index.js": b"if (mode === 'strict') go(options.depth, 65521);"})


def asked(*asks: tuple[str | int, str, int], background: Background = CODE) -> list[str]:
    reading = Reading(asks, (), frozenset({"hasOwnProperty"}))
    change = Change("index.js", b"go();\n", b"if (x) stay();\ngo();\n", read_before=Reading(), read_after=reading)
    return list(doors([change], background))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("@posix", "text"),
        ("; compat=1", "text"),
        ("strict!", "text"),
        (40961, "number"),
        ("legacy", "name"),
        (r"^\w+@internal$", "pattern"),
    ],
)
def test_what_nobody_else_names_is_told_with_its_place(said: str | int, kind: str) -> None:
    (told,) = asked((said, kind, 1))
    assert told.endswith("(index.js:1)")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("strict", "text"),
        ("__proto__", "text"),
        ("object", "text"),
        ("http:", "text"),
        ("../", "text"),
        ("hasOwnProperty", "text"),
        (r"[\u001B\u009B](?:[a-zA-Z\d]*)", "text"),
        (65521, "number"),
        (1000, "number"),
        (4096, "number"),
        (46, "number"),
        ("depth", "name"),
        ("hasOwnProperty", "name"),
        (r"^[A-Za-z_-]{1,40}(?:\.[a-z]+)?$", "pattern"),
        (r"^(?:strict|mode):", "pattern"),
    ],
)
def test_what_the_code_the_language_or_every_fix_names_is_not(said: str | int, kind: str) -> None:
    assert asked((said, kind, 1)) == []


def test_a_condition_on_another_line_was_there_before() -> None:
    assert asked(("@posix", "text", 2)) == []


def test_a_condition_of_the_project_s_own_fix_is_not_told() -> None:
    fixed = {"index.js": b"if (x) stay();\ngo();\n"}
    assert asked((40961, "number", 1), background=Background(CODE.before, fixed)) == []


def test_a_write_to_what_outlives_the_call_is_told_once_it_is_new() -> None:
    was, now = Reading((), (("cache", 3),)), Reading((), (("cache", 4), ("uses", 1)))
    change = Change("index.js", b"go();\n", b"uses++;\ngo();\n", read_before=was, read_after=now)
    assert list(kept([change], CODE)) == ["'uses' (is kept from one call to the next, index.js:1)"]
