"""Rules 4xx: what owners decide."""

import secrets
from collections.abc import Iterator
from typing import Any, Final

from clearinghouse_client.conformance.parties import Party, Run, Skipped, expect, keys_of, wanted

_LIVE: Final = ("active-network-scanning", "fuzzing", "agentic-exploitation-live")
_SOURCE: Final = ["198.51.100.0/28"]


def _live_scans(run: Run) -> Iterator[dict[str, Any]]:
    """Yield scans of live systems that nobody is known to own, of every technique and kind of target."""
    name = secrets.token_hex(6)
    for technique in _LIVE:
        targets = ["198.19.255.7", "2001:2:ffff::7", f"{name}.example", f"*.{name}.example"]
        if technique != "active-network-scanning":
            targets.append(f"model:{name}/one")
        for target in targets:
            yield {**run.scan(target, technique=technique, sources=_SOURCE), **run.window(0, 2)}


def live_systems_need_authorisation(run: Run) -> None:
    """401: a live system is not scanned without its owner's authorisation: not accepted, not as an emergency."""
    for scan in _live_scans(run):
        what = f"{scan['technique']} on {scan['targets'][0]} without authorisation"
        wanted(run.one.announce(scan), 403, what, "held-back")
        answer = run.one.announce(scan, begin="emergency", why="it cannot wait")
        wanted(answer, 403, f"{what}, as an emergency", "held-back")


def drafts_of_live_scans_stay_drafts(run: Run) -> None:
    """402: a draft of a live scan is not accepted, and not made an emergency, without authorisation."""
    for scan in _live_scans(run):
        what = f"{scan['technique']} on {scan['targets'][0]} without authorisation"
        answer = run.one.announce(scan, begin="draft")
        if answer.status_code == 403:  # noqa: PLR2004 - HTTP's own number; a server may refuse already here
            continue
        wanted(answer, 201, f"a draft of {what}")
        name = answer.json()["intent"]["id"]
        wanted(run.one.step(name, "accept"), 403, f"accepting a draft of {what}", "held-back")
        answer = run.one.step(name, "declare-emergency", {"why": "it cannot wait"})
        wanted(answer, 403, f"making a draft of {what} an emergency", "held-back")
        run.one.step(name, "end")


def constraints_have_to_be_seen(run: Run) -> None:
    """403: what anybody asks of scanners has to be seen, by its key, and is gone once it is withdrawn."""
    asking = run.owner or run.other
    scan = run.scan()
    answer = asking.post("/constraints", {"says": "do-not-scan", "target": scan["targets"][0], "why": "conformance"})
    if answer.status_code == 403:  # noqa: PLR2004 - HTTP's own number
        raise Skipped("neither --owner nor --other may state constraints in their role")
    wanted(answer, 201, "stating a constraint")
    name = answer.json()["constraint"]["id"]
    answer = run.one.announce(scan)
    wanted(answer, 409, "announcing against a constraint that was not seen", "unaware")
    expect(name in {one["id"] for one in answer.json().get("references", [])}, f"the refusal does not name {name}")
    made = run.one.accepted(scan, seen=keys_of(answer))
    wanted(run.one.step(made["id"], "end"), 200, "ending a scan")
    wanted(asking.post(f"/constraints/{name}/withdraw", {}), 200, "withdrawing a constraint")
    wanted(run.one.announce(scan), 201, "announcing after a constraint was withdrawn")


def _owned_scan(run: Run, owned: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    said = {"technique": "passive-network-scanning", **more}
    sources = {"sources": _SOURCE} if said["technique"] in _LIVE else {}
    return {**run.scan(owned), **run.window(0, 2), **sources, **said}


def _stated(owner: Party, owned: str, says: str, **more: Any) -> str:  # noqa: ANN401
    answer = owner.post("/constraints", {"says": says, "target": owned, "why": "conformance", **more})
    wanted(answer, 201, f"stating {says}")
    return str(answer.json()["constraint"]["id"])


def constraints_bind_what_is_owned(run: Run) -> None:
    """404: on what is known to be its owner's a constraint is obeyed, key or no key: each kind of it."""
    owner, owned = run.the_owner()
    day = run.window(24, 2)
    elsewhen = {"times": {"windows": [list(day.values())]}}
    for says, more in (
        ("do-not-scan", {}),
        ("only-in-windows", elsewhen),
        ("at-most-rate", {"rate_per_second": 5}),
        ("ask-first", {"contact": "mailto:owner@conformance.example"}),
    ):
        technique = "active-network-scanning" if says == "at-most-rate" else "passive-network-scanning"
        scan = _owned_scan(run, owned, technique=technique, rate_per_second=6)
        name = _stated(owner, owned, says, **more)
        try:
            key = owner.get(f"/constraints/{name}").json()["version_key"]
            wanted(run.one.announce(scan, seen=[key]), 403, f"announcing against {says}", "held-back")
            answer = run.one.announce(scan, begin="emergency", why="it cannot wait")
            wanted(answer, 403, f"an emergency against {says}", "held-back")
        finally:
            owner.post(f"/constraints/{name}/withdraw", {})


def an_authorisation_opens_and_closes(run: Run) -> None:
    """405: an authorisation lets a live scan be accepted; once it is withdrawn the scan is ended."""
    owner, owned = run.the_owner()
    scan = _owned_scan(run, owned, technique="active-network-scanning")
    wanted(run.one.announce(scan), 403, "a live scan that its owner did not authorise", "held-back")
    given = {"scanner": _organization(run), "targets": [owned], **run.window(-1, 48)}
    answer = owner.post("/authorisations", given)
    wanted(answer, 201, "giving an authorisation")
    name = answer.json()["id"]
    made = run.one.accepted(scan)
    wanted(run.one.step(made["id"], "start"), 200, "beginning an authorised scan")
    wanted(owner.post(f"/authorisations/{name}/withdraw", {}), 200, "withdrawing an authorisation")
    state = run.one.get(f"/intents/{made['id']}").json()["state"]
    expect(state == "ended", f"a scan whose authorisation was withdrawn is {state}")


def an_authorisation_covers_what_it_says(run: Run) -> None:
    """406: an authorisation is for this scanner, this window, these techniques and this rate, and no more."""
    owner, owned = run.the_owner()
    given = {"scanner": _organization(run), "targets": [owned], **run.window(-1, 24)}
    answer = owner.post("/authorisations", {**given, "techniques": ["active-network-scanning"], "rate_per_second": 10})
    wanted(answer, 201, "giving an authorisation")
    name, right = answer.json()["id"], {"technique": "active-network-scanning", "rate_per_second": 10}
    try:
        for what, scan in (
            ("at a higher rate", _owned_scan(run, owned, **right | {"rate_per_second": 11})),
            ("without saying its rate", _owned_scan(run, owned, technique="active-network-scanning")),
            ("by another technique", _owned_scan(run, owned, **right | {"technique": "fuzzing"})),
            ("beyond its window", {**_owned_scan(run, owned, **right), **run.window(20, 8)}),
        ):
            wanted(run.one.announce(scan), 403, f"a live scan {what} than authorised", "held-back")
        wanted(
            run.other.announce(_owned_scan(run, owned, **right)), 403, "another scanner than authorised", "held-back"
        )
    finally:
        owner.post(f"/authorisations/{name}/withdraw", {})


def _organization(run: Run) -> str:
    return str(run.one.get("/whoami").json()["organization"])


CHECKS = (
    live_systems_need_authorisation,
    drafts_of_live_scans_stay_drafts,
    constraints_have_to_be_seen,
    constraints_bind_what_is_owned,
    an_authorisation_opens_and_closes,
    an_authorisation_covers_what_it_says,
)
