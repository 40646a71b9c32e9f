"""The way in: from the files of a report to a checked `Report`, or to every problem at once."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from clearinghouse import strict
from clearinghouse.errors import Malformed, Problem, Refused
from clearinghouse.findings.report.calls import Calls
from clearinghouse.findings.report.fields import file_name_trouble
from clearinghouse.findings.report.model import FORMAT, Report
from clearinghouse.findings.report.problems import field_name, problems_of
from clearinghouse.standards import purl

REPORT_FILES = ("report.yaml", "report.yml", "report.json")
REPORT_LIMITS = strict.Limits(size_bytes=1024 * 1024, depth=40, items=20_000)
MOST_DIGITS = 4300
"""The longest integer that Python reads from text; keys of a cipher are whole numbers of hundreds of digits."""
CALLS_LIMITS = strict.Limits(
    size_bytes=1024 * 1024, depth=48, items=50_000, number_characters=MOST_DIGITS + 1, integer_digits=MOST_DIGITS
)

BLANK = "fill-this-in"
"""What the skeleton of a report leaves to the finder; also written with underscores, where a name must be one."""

_ECOSYSTEMS = {"python": "pypi", "node": "npm"}


def load_report(source: Path | Mapping[str, bytes]) -> Report:
    """Return the report in a folder, or among files given by name, with every file it names looked at.

    Raises:
        Refused: with every problem found.
    """
    if isinstance(source, Path):
        from clearinghouse.findings.folders import read_folder

        source = read_folder(source)
    name = report_file_among(source)
    try:
        raw = _load(name, source[name], REPORT_LIMITS)
    except Refused as refusal:
        raise Refused(tuple(_below(name, one) for one in refusal.problems)) from None
    return report_from(raw, source)


def report_from(raw: object, files: Mapping[str, bytes]) -> Report:
    """Return the report that ``raw`` (JSON types) describes, with the files it names among ``files``.

    Raises:
        Refused: with every problem found.
    """
    if not isinstance(raw, dict):
        fix = f"begin it with schema: {FORMAT}"
        raise Refused((Problem("wrong-type", "", "the report is not a mapping", fix),))
    found: list[Problem] = []
    report: Report | None = None
    try:
        report = Report.model_validate(raw)
    except ValidationError as error:
        found.extend(problems_of(error, Report))
    seen = {one.field for one in found}
    found.extend(one for one in _about_files(raw, files) if one.field not in seen)
    found.extend(_about_target(raw))
    found.extend(_about_blanks(raw, ""))
    if report is None or found:
        raise Refused(tuple(found))
    return report


def load_calls(data: bytes, *, name: str, runtime: str, package: str = "", size: int = 1) -> Calls:
    """Return the ``calls`` document in ``data``.

    Args:
        data: the file's content.
        name: the file's name; one that ends in ``.json`` is read as JSON, any other as YAML.
        runtime: ``python`` or ``node``.
        package: the npm package that a Node document may call into; empty when not known.
        size: the largest value of ``$n``.

    Raises:
        Refused: with every problem found, the step in the field.
    """
    raw = _load(name, data, CALLS_LIMITS)
    if not isinstance(raw, dict):
        raise Refused((Problem("wrong-type", "", "the document is not a mapping", "begin it with steps:"),))
    try:
        return Calls.model_validate(raw, context={"runtime": runtime, "package": package, "size": size})
    except ValidationError as error:
        raise Refused(problems_of(error, Calls)) from None


def calls_of(report: Report, index: int, files: Mapping[str, bytes], *, benign: bool = False) -> Calls:
    """Return the ``calls`` document that proof number ``index`` names as its entry, or as its benign twin.

    Raises:
        Refused: the file is not there, or not a document of calls.
    """
    proof = report.proofs[index]
    name = proof.benign if benign else proof.entry
    if name is None or name not in files:
        raise Refused((Problem("missing-file", "", f"{name} is not among the files", "add the file"),))
    package = purl.parse(report.target).registry_name
    return load_calls(files[name], name=name, runtime=proof.runtime, package=package, size=max(proof.sizes or (1,)))


def report_file_among(names: Iterable[str]) -> str:
    """Return the name of the report among the names of a folder's files.

    Raises:
        Refused: there is none, or more than one.
    """
    found = [one for one in REPORT_FILES if one in set(names)]
    if not found:
        fix = "put report.yaml or report.json at the top of the folder"
        raise Refused((Problem("no-report", "", "there is no report.yaml and no report.json", fix),))
    if len(found) > 1:
        raise Refused((Problem("two-reports", "", f"there are {' and '.join(found)}", "keep one of them"),))
    return found[0]


def named_files(report: Report) -> tuple[str, ...]:
    """Return the names of the files that a report speaks of, each once, in order of mention."""
    names: list[str | None] = []
    for proof in report.proofs:
        names += [proof.entry, proof.benign]
    names += [patch.file for patch in report.patches]
    names += [test.file for test in report.tests]
    return tuple(dict.fromkeys(one for one in names if one))


def plain(report: BaseModel) -> dict[str, Any]:
    """Return the report as JSON types, as it is kept in a row: only what was said, defaults left out."""
    return report.model_dump(mode="json", exclude_unset=True)


def _load(name: str, data: bytes, limits: strict.Limits) -> object:
    load = strict.load_json if name.lower().endswith(".json") else strict.load_yaml
    return load(data, limits=limits)


def _below(field: str, problem: Problem) -> Problem:
    below = f"{field}: {problem.field}" if problem.field else field
    return Problem(problem.code, below, problem.reason, problem.fix)


def _entries(raw: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    held = raw.get(key)
    if isinstance(held, list):
        yield from ((index, one) for index, one in enumerate(held) if isinstance(one, dict))


def _about_files(raw: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Problem]:
    for key, names in (("proofs", ("entry", "benign")), ("patches", ("file",)), ("tests", ("file",))):
        for index, part in _entries(raw, key):
            for field in names:
                name = part.get(field)
                if not isinstance(name, str) or file_name_trouble(name):
                    continue
                place = field_name((key, index, field))
                if name not in files:
                    yield Problem(
                        "missing-file", place, f"{name} is not in the folder", "add the file, or name another"
                    )
                elif _is_blank(files[name]):
                    yield Problem("blank", place, f"{BLANK} still stands in {name}", "fill it in, or remove the key")
                elif key == "proofs" and part.get("kind") == "calls":
                    yield from _about_calls(raw, part, place, name, files[name])
                elif key == "patches" and not _looks_like_diff(files[name]):
                    fix = "make it with diff -u or git diff"
                    yield Problem("not-a-diff", place, f"{name} is not a unified diff", fix)


def _about_blanks(held: object, place: str) -> Iterator[Problem]:
    if isinstance(held, str) and BLANK in held:
        yield Problem("blank", place, f"{BLANK} still stands there", "fill it in, or remove the key")
    elif isinstance(held, dict):
        for key, one in held.items():
            yield from _about_blanks(one, f"{place}.{key}" if place else str(key))
    elif isinstance(held, list):
        for index, one in enumerate(held):
            yield from _about_blanks(one, f"{place}[{index}]")


def _is_blank(data: bytes) -> bool:
    return BLANK.encode() in data or BLANK.replace("-", "_").encode() in data


def _about_calls(
    raw: Mapping[str, Any], proof: Mapping[str, Any], place: str, name: str, data: bytes
) -> Iterator[Problem]:
    runtime, detector, sizes = proof.get("runtime"), proof.get("detector"), proof.get("sizes")
    if runtime not in _ECOSYSTEMS:
        return
    numbers = [one for one in sizes if isinstance(one, int)] if isinstance(sizes, list) else []
    try:
        calls = load_calls(data, name=name, runtime=runtime, package=_package(raw, runtime), size=max([1, *numbers]))
    except Refused as refusal:
        yield from (_below(f"{place}: {name}", one) for one in refusal.problems)
        return
    if place.endswith("benign"):
        return
    if detector == "growth" and not calls.speaks_of_size():
        fix = 'let a value grow: {$repeat: ["a", "$n"]}'
        yield Problem("no-size", f"{place}: {name}", "growth is measured, but no value grows with $n", fix)
    elif detector != "growth" and calls.speaks_of_size():
        fix = "write the number, or use growth and give sizes"
        yield Problem("no-size", f"{place}: {name}", f"$n has no value for the detector {detector}", fix)
    if detector == "invariant" and not calls.expects():
        fix = "add must_raise, must_not_contain, must_equal or must_not_inherit to a step"
        yield Problem("no-expectation", f"{place}: {name}", "no step says what must hold", fix)


def _package(raw: Mapping[str, Any], runtime: str) -> str:
    """Return the npm name of the target, as far as the report says it rightly."""
    target = raw.get("target")
    if runtime != "node" or not isinstance(target, str):
        return ""
    try:
        found = purl.parse(target)
    except Malformed:
        return ""
    return found.registry_name if found.type == "npm" else ""


def _about_target(raw: Mapping[str, Any]) -> Iterator[Problem]:
    target = raw.get("target")
    if not isinstance(target, str) or not target.lower().startswith("pkg:"):
        return
    ecosystem = target[4:].lstrip("/").partition("/")[0].lower()
    for index, proof in _entries(raw, "proofs"):
        runtime = proof.get("runtime")
        wanted = _ECOSYSTEMS.get(runtime) if isinstance(runtime, str) else None
        if wanted and ecosystem != wanted:
            reason = f"{runtime} runs {wanted} packages, and the target is {ecosystem}"
            yield Problem(
                "not-for-this-runtime", field_name(("proofs", index, "runtime")), reason, f"name a pkg:{wanted}/ target"
            )


def _looks_like_diff(data: bytes) -> bool:
    lines = data.splitlines()
    starts = (b"--- ", b"+++ ", b"@@ ")
    return b"\0" not in data and all(any(line.startswith(start) for line in lines) for start in starts)
