"""What a document is, is told by its content; what it does not say is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Refused
from clearinghouse.findings.intake.reading import read_document, read_handed
from clearinghouse.findings.rules import Source
from tests.findings.intake.documents import MARKDOWN, OSV, SARIF, TAP, VDR, as_bytes, code_of, problems_of
from tests.findings.makers import a_folder, a_report, some_files


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (as_bytes(OSV), Source.OSV),
        (as_bytes(VDR), Source.VDR),
        (as_bytes(TAP), Source.TAP),
        (MARKDOWN.encode(), Source.MARKDOWN),
        (
            as_bytes({key: value for key, value in a_report().items() if key not in ("proofs", "patches", "tests")}),
            Source.REPORT,
        ),
    ],
)
@pytest.mark.parametrize("name", ["anything", "a.txt", "a.json"])
def test_the_kind_is_told_by_content(data: bytes, source: Source, name: str) -> None:
    if name == "a.json" and source is Source.MARKDOWN:
        pytest.skip("a name that promises JSON is held to it")
    assert {one.source for one in read_document(data, name=name)} == {source}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unknown-kind"),
        (b"hello", "unknown-kind"),
        (b"# Notes\n\nNothing of note.\n", "unknown-kind"),
        (b"\x89PNG\r\n\x1a\n", "unknown-kind"),
        (b"[]", "unknown-kind"),
        (b'{"a": 1}', "unknown-kind"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"runs": [}', "invalid-json"),
        (b"[" * 5000, "too-deep"),
    ],
)
def test_what_is_not_known_is_refused_with_the_reason(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_what_is_handed_in_must_be_there_itself(tmp_path: Path, kind: str) -> None:
    import os

    path = tmp_path / "a"
    if kind == "folder":
        a_folder(path, some_files())
        assert read_handed(path)[0].report.id == "fa-1"
        return
    path.symlink_to("/etc/passwd") if kind == "link" else os.mkfifo(path)
    with pytest.raises(Refused, match="link or a device"):
        read_handed(path)


def test_a_name_that_promises_an_archive_is_held_to_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"hello")
    with pytest.raises(Refused) as caught:
        read_handed(tmp_path / "a.zip")
    assert caught.value.problems[0].code == "not-an-archive"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(10 * 1024 * 1024 * 1024)
    with pytest.raises(Refused) as caught:
        read_handed(tmp_path / "a.json")
    assert caught.value.problems[0].code == "too-large"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=8), held, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("known", [OSV, VDR, SARIF, TAP], ids=["osv", "vdr", "sarif", "tap"])
@given(data=st.data())
def test_a_foreign_document_with_anything_in_it_is_read_or_refused(known: dict[str, Any], data: st.DataObject) -> None:
    value: Any = json.loads(json.dumps(known))
    here = value
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            here[key] = data.draw(_JSON)
            break
        here = here[key]
    assert all(one.code and one.reason and one.fix for one in problems_of(as_bytes(value)))
