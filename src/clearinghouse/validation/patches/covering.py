"""Which lines of the target ran: how a program is started so that it is noted, and how the notes are read."""

import bisect
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from clearinghouse.errors import Refused
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Ended
from clearinghouse.strict import load_json
from clearinghouse.validation.brief import TARGET_ROOT

COVER = "/probe"
_OUT = "/job/cover"
_NOTE = re.compile(rb"(?P<path>[^\n:]+):(?P<line>[0-9]{1,7})")
MOST_NOTES = 200_000


def covering(argv: Sequence[str], environment: Environment) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the command and the variables with which the same program notes the lines that it runs.

    Python: our own starter stands before the script or module. Node: V8 writes its counts when the process ends.
    """
    if environment.interpreter.runtime is Runtime.NODE:
        return tuple(argv), {"NODE_V8_COVERAGE": _OUT}
    program, *words = argv
    options = []
    while words and words[0].startswith("-") and words[0] not in ("-m", "-c"):
        options.append(words.pop(0))
    kind = "module" if words[:1] == ["-m"] else "script"
    rest = words[1:] if kind == "module" else words
    root = TARGET_ROOT[Runtime.PYTHON] + "/"
    return (program, *options, f"{COVER}/cover.py", f"{_OUT}/lines", root, kind, *rest), {}


def lines_run(ended: Ended, environment: Environment) -> dict[str, list[int]] | None:
    """Return the lines that ran, by file of the target; None when nothing was noted."""
    if environment.interpreter.runtime is Runtime.NODE:
        return _of_node(ended.collected, environment)
    noted = ended.collected.get("lines")
    if noted is None:
        return None
    found: dict[str, set[int]] = defaultdict(set)
    for note in _NOTE.finditer(noted[: MOST_NOTES * 40]):
        found[note["path"].decode("utf-8", "replace")].add(int(note["line"]))
    return {path: sorted(lines) for path, lines in sorted(found.items())}


def _of_node(collected: Mapping[str, bytes], environment: Environment) -> dict[str, list[int]] | None:
    root = f"file://{TARGET_ROOT[Runtime.NODE]}/{environment.names[0]}/"
    found: dict[str, set[int]] = defaultdict(set)
    documents = 0
    for name, data in sorted(collected.items()):
        if not name.endswith(".json"):
            continue
        try:
            said = load_json(data)
        except Refused:
            continue
        documents += 1
        for script in said.get("result", []) if isinstance(said, dict) else []:
            url = str(script.get("url", ""))
            path = environment.target / url.removeprefix(root)
            if url.startswith(root) and path.resolve().is_relative_to(environment.target.resolve()) and path.is_file():
                text = path.read_bytes().decode("utf-8", "replace")
                found[url.removeprefix(root)] |= _counted(script.get("functions", []), text)
    return {path: sorted(lines) for path, lines in sorted(found.items())} if documents else None


def _counted(functions: Sequence[Mapping[str, object]], text: str) -> set[int]:
    """Return the lines whose first character lies in code that was run; the innermost range decides."""
    ranges = [
        (int(one["startOffset"]), int(one["endOffset"]), int(one["count"]) > 0)
        for function in functions
        for one in function.get("ranges", [])  # type: ignore[attr-defined]  # a document of V8's
    ]
    ranges.sort(key=lambda one: (one[0], -one[1]))
    begins = [one[0] for one in ranges]
    lines, offset = set(), 0
    for number, line in enumerate(text.split("\n"), 1):
        at = offset + _units(line[: len(line) - len(line.lstrip())])
        offset += _units(line) + 1
        if not line.strip():
            continue
        inner = next((ranges[i] for i in range(bisect.bisect_right(begins, at) - 1, -1, -1) if ranges[i][1] > at), None)
        if inner is not None and inner[2]:
            lines.add(number)
    return lines


def _units(text: str) -> int:
    """Return the length in UTF-16 code units, as JavaScript counts."""
    return len(text) + sum(ord(one) > 0xFFFF for one in text)  # noqa: PLR2004 - beyond the basic plane
