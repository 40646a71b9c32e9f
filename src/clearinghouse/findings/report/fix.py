"""The fix: patches, and tests that fail before and pass after."""

import shlex
from typing import Annotated

from pydantic import AfterValidator, Field

from clearinghouse.findings.report.fields import FileName, Line, Part, wrong

TEST_PROGRAMS = ("python", "node", "pytest")


def _command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise wrong("invalid-command", f"it cannot be split into words: {error}", "close the quotes") from None
    if not words or words[0] not in TEST_PROGRAMS:
        first = words[0][:40] if words else ""
        fix = f"begin it with {', '.join(TEST_PROGRAMS[:-1])} or {TEST_PROGRAMS[-1]}"
        raise wrong("invalid-command", f"its first word is {first!r}", fix)
    return text


class Patch(Part):
    """A change to the target's source."""

    file: FileName
    """Unified diff, to be applied with ``-p1`` in the root of the source."""
    base: Annotated[Line, Field(max_length=100)]
    """The version it applies to."""
    licence: Annotated[Line, Field(max_length=100)] | None = None
    """SPDX expression under which it is given."""


class Test(Part):
    """A test that fails on the flawed target and passes on the patched one."""

    file: FileName
    command: Annotated[Line, AfterValidator(_command)]
    """Run in the root of the source, the file beside it; no shell: the first word is python, node or pytest."""
