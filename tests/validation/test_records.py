import hashlib
import hmac
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.validation.records import read_records

KEY = "ab" * 32


def written(*items: dict[str, Any], key: str = KEY, start: int = 0) -> bytes:
    lines = []
    for index, item in enumerate(items, start):
        body = json.dumps(item).encode()
        mac = hmac.new(bytes.fromhex(key), b"%d " % index + body, hashlib.sha256).hexdigest()
        lines.append(f"{mac} ".encode() + body + b"\n")
    return b"".join(lines)


READY, ACT, END = {"t": "ready"}, {"t": "act", "event": "os.system"}, {"t": "end"}


def test_records_are_read_in_order_to_their_end() -> None:
    records = read_records(written(READY, ACT, END), key=KEY)
    assert (records.items, records.ended, records.broken) == ((READY, ACT, END), True, "")


def test_a_record_with_another_key_is_forged() -> None:
    assert "forged" in read_records(written(READY, key="cd" * 32), key=KEY).broken


def test_a_record_that_is_left_out_is_noticed() -> None:
    raw = written(READY, ACT, END).split(b"\n")
    assert "out of order" in read_records(b"\n".join([raw[0], *raw[2:]]), key=KEY).broken


def test_nothing_may_follow_the_end() -> None:
    raw = written(READY, END) + written(ACT, start=2)
    assert read_records(raw, key=KEY).broken == "a record after the end"


def test_a_line_cut_off_by_a_kill_is_left_out_without_blame() -> None:
    records = read_records(written(READY, ACT)[:-5], key=KEY)
    assert (records.items, records.ended, records.broken) == ((READY,), False, "")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_every_flipped_byte_of_a_line_is_noticed(place: int, flip: int) -> None:
    raw = bytearray(written(READY, ACT, END))
    at = place % (len(raw) - 1)
    raw[at] ^= flip
    records = read_records(bytes(raw), key=KEY)
    assert records.items != (READY, ACT, END)
    assert records.broken or not records.ended


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_fault(raw: bytes) -> None:
    assert not read_records(raw, key=KEY).ended
