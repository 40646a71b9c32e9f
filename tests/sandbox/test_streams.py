"""Pipes are written and read together; what is too much is dropped and said."""

import os

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.sandbox.streams import Inflow, Outflow, Pump


def pumped(data: bytes, *, limit_bytes: int) -> Outflow:
    """Send ``data`` through one pipe."""
    out, into = os.pipe()
    pump, outflow = Pump(), Outflow(out, limit_bytes)
    pump.add(outflow)
    pump.add(Inflow(into, data))
    while pump.flowing_out():
        pump.turn(wait_seconds=1)
    return outflow


@given(st.binary(max_size=300_000), st.integers(min_value=0, max_value=300_000))
def test_what_goes_in_comes_out_up_to_the_limit(data: bytes, limit_bytes: int) -> None:
    outflow = pumped(data, limit_bytes=limit_bytes)
    assert (outflow.data, outflow.cut) == (data[:limit_bytes], len(data) > limit_bytes)


def test_a_reader_that_goes_away_ends_the_flow() -> None:
    out, into = os.pipe()
    pump = Pump()
    pump.add(Inflow(into, b"x" * 1_000_000))
    pump.turn(wait_seconds=0)
    os.close(out)
    pump.turn(wait_seconds=1)
    assert pump.turn(wait_seconds=0) == set()
    pump.close()


def test_a_watched_descriptor_wakes_the_pump() -> None:
    out, into = os.pipe()
    pump = Pump()
    pump.watch(out)
    assert pump.turn(wait_seconds=0) == set()
    os.write(into, b"x")
    assert pump.turn(wait_seconds=0) == {out}
    pump.unwatch(out)
    assert pump.turn(wait_seconds=0) == set()
    os.close(out)
    os.close(into)
