"""EPSS: a day's file is read, compressed or not, and nothing else is."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import epss

HEAD = "#model_version:v2025.03.14,score_date:2026-08-21T00:00:00+0000\ncve,epss,percentile\n"
FILE = (HEAD + "CVE-2020-14343,0.05042,0.89281\nCVE-2021-21315,0.9,1\nCVE-2021-23337,1e-05,0.0\n").encode()


@pytest.mark.parametrize("data", [FILE, gzip.compress(FILE), FILE.replace(b"\n", b"\r\n"), FILE + b"\n# the end\n"])
def test_a_days_file_is_read_compressed_or_not(data: bytes) -> None:
    found = epss.parse(data)
    assert (found.model, found.scored_at) == ("v2025.03.14", datetime(2026, 8, 21, tzinfo=UTC))
    assert found.scores["CVE-2020-14343"] == epss.EpssScore(0.05042, 0.89281)
    assert len(found.scores) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"cve,epss,percentile\n",
        FILE.replace(b"cve,epss", b"id,epss"),
        FILE.replace(b"2026-08-21T", b"2026-99-21T"),
        FILE + b"CVE-2020-14343,0.1,0.1\n",
        FILE + b"CVE-2020-1,0.1,0.1\n",
        FILE + b"CVE-2020-14344,1.1,0.1\n",
        FILE + b"CVE-2020-14344,-0.1,0.1\n",
        FILE + b"CVE-2020-14344,nan,0.1\n",
        FILE + b"CVE-2020-14344,0.1\n",
        FILE + b"CVE-2020-14344,0.1,0.1,=cmd()\n",
        FILE + b"\xff\n",
        gzip.compress(FILE)[:-9],
        gzip.compress(FILE) + b"more",
        b"\x1f\x8bnonsense",
    ],
)
def test_what_is_no_days_file_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        epss.parse(data)


def test_a_file_that_is_too_large_or_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="at most"):
        epss.parse(b"#" * (129 * 1024 * 1024))
    with pytest.raises(Malformed, match="lines"):
        epss.parse(HEAD.encode() + b"#\n" * 2_000_001)


def test_a_bomb_is_refused_before_it_swells() -> None:
    with pytest.raises(Malformed, match="when decompressed"):
        epss.parse(gzip.compress(b"#" + b"0" * (129 * 1024 * 1024), compresslevel=1))


@given(st.floats(0, 1).map(lambda one: round(one, 5)), st.floats(0, 1).map(lambda one: round(one, 5)))
def test_every_score_between_0_and_1_is_read_back(probability: float, percentile: float) -> None:
    found = epss.parse(f"{HEAD}CVE-2020-14343,{probability},{percentile}\n".encode())
    assert found.scores["CVE-2020-14343"] == epss.EpssScore(probability, percentile)
