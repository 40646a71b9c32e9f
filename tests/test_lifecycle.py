"""Tests of clearinghouse/lifecycle.py."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import StepRefused
from clearinghouse.lifecycle import Lifecycle


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OFF = "off"
    BROKEN = "broken"


class Turn(StrEnum):
    GO = "go"
    STOP = "stop"
    SWITCH_OFF = "switch-off"


LIGHT = Lifecycle(
    name="streets:light",
    initial=Light.RED,
    table={
        (Light.RED, Turn.GO): Light.GREEN,
        (Light.GREEN, Turn.STOP): Light.RED,
        (Light.RED, Turn.SWITCH_OFF): Light.OFF,
        (Light.GREEN, Turn.SWITCH_OFF): Light.OFF,
    },
)


def test_a_step_leads_where_the_table_says() -> None:
    assert LIGHT.after(Light.RED, Turn.GO) is Light.GREEN


def test_a_step_that_is_not_open_is_refused_and_the_open_ones_are_named() -> None:
    with pytest.raises(StepRefused, match=r"streets:light is red: stop is not open \(open: go, switch-off\)"):
        LIGHT.after(Light.RED, Turn.STOP)


def test_a_final_state_has_no_open_step() -> None:
    with pytest.raises(StepRefused, match="open: none"):
        LIGHT.after(Light.OFF, Turn.GO)


def test_what_no_step_leads_to_is_not_reachable() -> None:
    assert LIGHT.reachable() == {Light.RED, Light.GREEN, Light.OFF}


def test_each_step_is_a_verb() -> None:
    assert LIGHT.verbs() == ("streets:light:go", "streets:light:stop", "streets:light:switch-off")


def test_the_diagram_draws_every_step() -> None:
    assert LIGHT.mermaid().splitlines()[:3] == ["stateDiagram-v2", "    [*] --> red", "    red --> green: go"]


@given(st.lists(st.sampled_from(Turn)))
def test_no_sequence_of_open_steps_leaves_the_reachable_states(steps: list[Turn]) -> None:
    state = LIGHT.initial
    for step in steps:
        if step in LIGHT.steps_from(state):
            state = LIGHT.after(state, step)
    assert state in LIGHT.reachable()
