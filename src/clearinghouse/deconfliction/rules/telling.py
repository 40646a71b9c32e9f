"""Answers to "friend or foe?" as plain data, the same at every door."""

from typing import Any

from clearinghouse.deconfliction.rules.requests import Shown
from clearinghouse.deconfliction.rules.sightings import BY_ADDRESS, Answer, Match


def told(answer: Answer, *, basis: str = BY_ADDRESS) -> dict[str, Any]:
    """Return an answer as plain data."""
    return {
        "standing": answer.standing.value,
        "sentence": answer.sentence,
        "scans": [_scan(one) for one in answer.matches],
        "more": answer.more,
        "basis": basis,
    }


def told_of_request(shown: Shown) -> dict[str, Any]:
    """Return what a signed request shows as plain data."""
    return {
        **told(shown.answer, basis=shown.basis),
        "revision": shown.warrant.revision,
        "nonce": shown.signed.nonce,
        "signed_at": shown.signed.created_at,
        "covers_body": shown.signed.covers_body,
    }


def _scan(match: Match) -> dict[str, Any]:
    scan = match.scan
    return {
        "intent": scan.intent,
        "scanner": scan.scanner,
        "contact": scan.contact,
        "technique": scan.technique,
        "sources": [str(one) for one in scan.sources],
        "targets": None if scan.reaches is None else [*map(str, scan.reaches), *scan.hosts],
        "starts_at": scan.starts_at,
        "ends_at": scan.ends_at,
        "rate_per_second": scan.rate_per_second,
        "constraints": list(scan.constraints),
        "state": scan.state,
        "authorised": scan.is_authorised,
        "misses": [{"why": one.why.value, "sentence": one.sentence} for one in match.misses],
        "unsaid": match.unsaid,
    }
