"""A recording is joined with those that the processes and workers of the program left behind."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from clearinghouse.validation.recording import UNREADABLE, joined
from tests.validation.makers import a_proof

NONE = {"document": {"steps": []}, "lossy": [{"what": "no call into the target", "where": "program"}]}
MADE = [{"call": "pkg.Parser"}, {"method": "parse", "on": {"$ref": 0}, "args": ["a", {"$ref": 0}]}]


def text(document: object, *lossy: Mapping[str, str]) -> str:
    return json.dumps({"document": document, "lossy": list(lossy)})


def test_the_steps_of_another_process_follow_and_refer_to_their_new_places() -> None:
    said = joined({"document": {"steps": [{"call": "pkg.read"}]}, "lossy": []}, text({"steps": MADE}), a_proof())
    assert said["document"]["steps"] == [
        {"call": "pkg.read"},
        {"call": "pkg.Parser"},
        {"method": "parse", "on": {"$ref": 1}, "args": ["a", {"$ref": 1}]},
    ]
    assert said["lossy"] == []


def test_a_program_whose_children_alone_call_has_lost_nothing_itself() -> None:
    lost = {"what": "a function", "where": "pkg.read"}
    said = joined(NONE, text({"steps": MADE}, lost), a_proof())
    assert (said["document"]["steps"], said["lossy"]) == (MADE, [lost])


def test_files_and_input_of_both_are_there_and_the_programs_own_come_first() -> None:
    mine = {"steps": MADE, "setup": {"files": {"a": "mine", "b": "1"}}}
    other = {"steps": MADE, "setup": {"files": {"a": "other", "c": "2"}, "stdin": "typed"}, "returned_code": True}
    document = joined({"document": mine, "lossy": []}, text(other), a_proof())["document"]
    assert document["setup"] == {"files": {"a": "mine", "b": "1", "c": "2"}, "stdin": "typed"}
    assert document["returned_code"] is True


def test_what_a_forked_child_has_from_its_parent_stands_there_once() -> None:
    mine = {"document": {"steps": [MADE[0], {"call": "pkg.read"}]}, "lossy": []}
    child = json.dumps(
        {"document": {"steps": [*MADE, {"get": "name", "on": {"$ref": 1}}]}, "lossy": [], "inherited": 1}
    )
    assert joined(mine, child, a_proof())["document"]["steps"] == [
        MADE[0],
        {"call": "pkg.read"},
        MADE[1],
        {"get": "name", "on": {"$ref": 2}},
    ]


@pytest.mark.parametrize("count", [-1, 3, True, "1", 1.0])
def test_a_number_of_inherited_steps_that_cannot_be_counts_for_nothing(count: object) -> None:
    child = json.dumps({"document": {"steps": MADE}, "lossy": [], "inherited": count})
    said = joined({"document": {"steps": [{"call": "pkg.read"}]}, "lossy": []}, child, a_proof())
    assert said["document"]["steps"][:2] == [{"call": "pkg.read"}, MADE[0]]
    assert len(said["document"]["steps"]) == 3


BAD: Mapping[str, Any] = {
    "no json": "{",
    "no document": "{}",
    "a list": "[]",
    "steps that are none": text({"steps": 5}),
    "another module": text({"steps": [{"call": "pkg"}]}),
    "a later step": text({"steps": [{"call": "pkg.read", "args": [{"$ref": 7}]}]}),
    "losses that are none": '{"document": {"steps": [{"call": "pkg.read"}]}, "lossy": [5]}',
    "deep": '{"document": ' + "[" * 100_000 + "]" * 100_000 + ', "lossy": []}',
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_read_is_left_out_and_told(what: str) -> None:
    said = joined({"document": {"steps": MADE}, "lossy": []}, BAD[what], a_proof())
    assert said["document"] == {"steps": MADE}
    assert [one["what"] for one in said["lossy"]] == [UNREADABLE]
