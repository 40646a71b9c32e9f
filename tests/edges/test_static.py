"""What others made is served as they made it, and everything that our pages ask for is there."""

import hashlib
import re
from pathlib import Path

from tests.house.sources import SOURCE

STATIC = SOURCE / "clearinghouse" / "edges" / "static"
NOTE = STATIC / "VENDORED.md"
ROW = re.compile(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def hashes() -> dict[str, str]:
    return dict(ROW.findall(NOTE.read_text("utf-8")))


def vendored_files() -> set[Path]:
    folders = ("uswds", "htmx", "htmx-ext-sse")
    return {path for folder in folders for path in (STATIC / folder).rglob("*") if path.is_file()}


def test_every_vendored_file_has_the_hash_that_stands_in_the_note() -> None:
    found = {str(path.relative_to(STATIC)): hashlib.sha256(path.read_bytes()).hexdigest() for path in vendored_files()}
    assert found == hashes()


def test_each_licence_lies_beside_what_it_is_for() -> None:
    assert (STATIC / "uswds" / "LICENSE.md").is_file()
    assert (STATIC / "htmx" / "LICENSE").is_file()
    assert (STATIC / "htmx-ext-sse" / "LICENSE").is_file()
