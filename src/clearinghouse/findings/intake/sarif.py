"""SARIF 2.1.0: one claim for each result that stands.

A scanner's log seldom says which package it is about: that comes from ``--target``, or else from the log's own
version-control provenance. Results that were suppressed, or that are no failures, are not claims.

Source: OASIS SARIF 2.1.0 plus Errata 01; docs/decisions/0018.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from clearinghouse.errors import Malformed
from clearinghouse.findings.intake.claims import (
    Claim,
    claim_from,
    handle_from,
    id_from,
    line_from,
    path_from,
    prose_from,
    refused,
    told_apart,
    url_from,
    weaknesses_from,
)
from clearinghouse.findings.rules import Source
from clearinghouse.standards import purl, sarif

MOST_CLAIMS = 5_000

_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}
_CLAIMING = frozenset({"fail", "open", "review"})


def looks_like_sarif(value: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a SARIF log of some version."""
    return "runs" in value and ("version" in value or "sarif" in str(value.get("$schema", "")).lower())


def read_sarif(value: Mapping[str, Any], *, original: bytes, target: str) -> tuple[Claim, ...]:
    """Return a claim for each result of a log that stands.

    Raises:
        Refused: it is no SARIF 2.1.0, claims nothing or far too much, or nothing says what it is about.
    """
    try:
        runs = sarif.read(value)
    except Malformed as refusal:
        raise refused("invalid-sarif", "runs", str(refusal), "write SARIF 2.1.0") from None
    results = [(run, result) for run in runs for result in run.results if _claims(result)]
    if not results:
        raise refused("no-claims", "runs", "no result of it claims a failure", "hand in logs that have results")
    if len(results) > MOST_CLAIMS:
        raise refused("too-many", "runs", f"{len(results)} results; at most {MOST_CLAIMS} are taken", "split the log")
    taken: dict[str, int] = {}
    return tuple(
        claim_from(_report(run, result, target, taken), source=Source.SARIF, original=original, files={})
        for run, result in results
    )


def _claims(result: sarif.Result) -> bool:
    return result.kind in _CLAIMING and result.level != "none" and not result.is_suppressed


def _report(run: sarif.Run, result: sarif.Result, target: str, taken: dict[str, int]) -> dict[str, Any]:
    places = [one for one in (_place(location) for location in result.locations[:64]) if one]
    provenance = run.provenance[0] if run.provenance else None
    title = line_from(result.rule_name, at_most=80) or line_from(result.rule, at_most=80)
    what = line_from(result.message, at_most=110)
    return {
        "id": _id(result, places, taken),
        "finder": handle_from(run.tool, otherwise="sarif"),
        "title": line_from(f"{title}: {what}" if title and what else title or what) or "A result without a message",
        "target": target or _repository_purl(provenance),
        "repository": url_from(provenance.repository) if provenance else "",
        "commit": _commit(provenance),
        "description": prose_from("\n\n".join(dict.fromkeys(one for one in (result.message, result.rule_help) if one))),
        "weaknesses": weaknesses_from(result.weaknesses),
        "locations": places,
        "x-sarif": {
            key: held
            for key, held in {
                "tool": line_from(run.tool),
                "version": line_from(run.version),
                "rule": line_from(result.rule),
                "level": result.level,
                "security-severity": result.security_severity,
                "snippet": prose_from(next((one.snippet for one in result.locations if one.snippet), ""))[:2000],
            }.items()
            if held not in (None, "")
        },
    }


def _id(result: sarif.Result, places: list[dict[str, Any]], taken: dict[str, int]) -> str:
    """Return an id that stays the same when the log is made again: by fingerprint, else by rule and place."""
    if result.fingerprints:
        made = id_from(f"{result.rule}:{'/'.join(text for _, text in result.fingerprints)}")
    else:
        place = places[0] if places else {}
        where = f"{place.get('path', place.get('symbol', ''))}:{place.get('line', '')}"
        made = id_from(f"{result.rule}:{where}" if result.rule or places else line_from(result.message))
    return told_apart(made, taken)


def _place(location: sarif.Location) -> dict[str, Any]:
    path = path_from(unquote(urlsplit(location.path).path) if "://" in location.path else unquote(location.path))
    symbol = line_from(location.symbol)
    found: dict[str, Any] = {key: held for key, held in (("path", path), ("symbol", symbol)) if held}
    if path and location.line is not None and 0 < location.line <= 10_000_000:  # noqa: PLR2004 - the format's bound
        found["line"] = location.line
    return found


def _repository_purl(provenance: sarif.Provenance | None) -> str:
    """Return the purl of the source that was scanned.

    Raises:
        Refused: the log does not say it.
    """
    if provenance is None or not provenance.revision:
        reason = "nothing says which package, or which revision of a repository, was scanned"
        fix = "hand it in with --target pkg:TYPE/NAME@VERSION, or let the scanner write versionControlProvenance"
        raise refused("missing-target", "runs", reason, fix)
    try:
        return str(_purl(provenance))
    except (Malformed, ValueError):
        fix = "hand it in with --target pkg:TYPE/NAME@VERSION"
        raise refused("missing-target", "runs", "its repositoryUri names no repository", fix) from None


def _purl(provenance: sarif.Provenance) -> purl.Purl:
    parts = urlsplit(provenance.repository)
    *space, name = [one for one in parts.path.removesuffix(".git").split("/") if one]
    kind = _HOSTS.get((parts.hostname or "").removeprefix("www."))
    if kind and space:
        return purl.build(kind, name, namespace="/".join(space), version=provenance.revision)
    return purl.build(
        "generic", name, version=provenance.revision, qualifiers={"vcs_url": f"git+{provenance.repository}"}
    )


def _commit(provenance: sarif.Provenance | None) -> str:
    revision = provenance.revision.lower() if provenance else ""
    return revision if len(revision) in (40, 64) and not revision.strip("0123456789abcdef") else ""
