"""Free texts are the same for every clearing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.advisories.steady import steady


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("No such file: '/tmp/box-8a2f/x.whl'", "No such file: 'a path'"),
        ("cannot open /var/cache/clearinghouse/targets/3f/x.py.", "cannot open a path."),
        ("file:///srv/keep/built/3f/y.whl is damaged", "a path is damaged"),
        ("<object at 0x7f3a91c0d2b0>", "<object at an address>"),
        ("2 passed in 0.53s", "2 passed in some time"),
        ("it took 12.041 s of 20 s", "it took some time of 20 s"),
        ("127.0.0.1:43121 refused pid 4711", "127.0.0.1 refused pid"),
        ("echo k3jq9zfd02mmx81abc", "echo a token"),
        ("no wheel for Python 3.12.1. Tried again. And again", "no wheel for Python 3.12.1."),
        ("Traceback\n  File x", "Traceback"),
    ],
)
def test_what_is_of_one_run_alone_is_left_out(said: str, kept: str) -> None:
    assert steady(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "opened /etc/passwd from /target/yaml/loader.py in /job/box/a",
        "pkg:npm/%40scope/one@1.0.0 asks for and/or of https://a.example/b/c",
        "The root / and 1.5 of 3.0.1 stay",
    ],
)
def test_what_every_clearing_says_stays(said: str) -> None:
    assert steady(said) == said


def test_sentences_of_ours_stay_whole() -> None:
    said = "Also the fixed release turns this into code. A person must look. (/tmp/x/y said so)"
    assert (
        steady(said, whole=True) == "Also the fixed release turns this into code. A person must look. (a path said so)"
    )


@given(st.text(max_size=200))
def test_saying_it_twice_changes_nothing_more(text: str) -> None:
    assert steady(steady(text, whole=True), whole=True) == steady(text, whole=True)
