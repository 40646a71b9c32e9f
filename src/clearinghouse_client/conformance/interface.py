"""Rules 5xx: how requests are answered."""

import secrets
from typing import Final

from clearinghouse_client.conformance.parties import PROBLEM, Run, expect, wanted

_SEVERAL: Final = 5


def strangers_get_nothing(run: Run) -> None:
    """501: whoever has no token is told so, and nothing else."""
    for method, path in (
        ("GET", "/intents"),
        ("POST", "/intents"),
        ("POST", "/intents/check"),
        ("GET", "/constraints"),
    ):
        answer = run.nobody.ask(method, path, json=run.scan() if method == "POST" else None)
        wanted(answer, 401, f"{method} {path} without a token", "sign-in-needed")


def refusals_are_problem_documents(run: Run) -> None:
    """502: every refusal is a problem document of RFC 9457, whose status is the answer's."""
    scan = run.scan()
    run.one.accepted(scan)
    for answer in (
        run.other.announce(scan),
        run.other.announce({**scan, "technique": "dowsing"}),
        run.other.get("/intents/SCAN-0000000000"),
        run.nobody.get("/intents"),
    ):
        expect(
            answer.headers.get("Content-Type", "").startswith(PROBLEM),
            f"a refusal is {answer.headers.get('Content-Type')}",
        )
        said = answer.json()
        for part in ("type", "title", "status"):
            expect(part in said, f"a problem document lacks its {part}")
        expect(
            said["status"] == answer.status_code, f"a problem document says {said['status']}, not {answer.status_code}"
        )


def hidden_is_like_absent(run: Run) -> None:
    """503: what one may not see is answered with the same bytes as what is not there."""
    hidden = run.one.accepted(run.scan(), visibility="those-met")
    there, absent = (run.other.get(f"/intents/{name}") for name in (hidden["id"], "SCAN-0000000000"))
    wanted(there, 404, "another's confidential scan")
    expect(there.content == absent.content, "what is hidden is answered otherwise than what is absent")
    for step in ("end", "start", "renew"):
        body = {"ends_at": run.window()["ends_at"]} if step == "renew" else {}
        there, absent = (run.other.step(name, step, body, If_Match="*") for name in (hidden["id"], "SCAN-0000000000"))
        expect(there.content == absent.content, f"to {step} what is hidden is answered otherwise than what is absent")


def scans_are_their_organizations(run: Run) -> None:
    """504: another's scan is neither begun nor renewed nor ended nor put off its plan."""
    made = run.one.accepted({**run.scan(), **run.window(0, 2)})
    for step, body in (
        ("start", {}),
        ("end", {}),
        ("leave-plan", {"why": "mine"}),
        ("declare-emergency", {"why": "mine"}),
        ("renew", {"ends_at": run.window(1, 4)["ends_at"]}),
    ):
        answer = run.other.step(made["id"], step, body, If_Match="*")
        expect(answer.status_code in {403, 404}, f"another's scan: {step} is answered by {answer.status_code}")
    state = run.one.get(f"/intents/{made['id']}").json()["state"]
    expect(state == "accepted", f"another has made a scan {state}")


def sent_twice_is_done_once(run: Run) -> None:
    """505: the same request with the same Idempotency-Key announces once; another one with it is refused."""
    scan, key = run.scan(), secrets.token_hex(16)
    first, again = (run.one.post("/intents", scan, Idempotency_Key=key) for _ in range(2))
    wanted(first, 201, "announcing with a key")
    wanted(again, 201, "announcing again with the same key")
    expect(first.json()["intent"]["id"] == again.json()["intent"]["id"], "the same request announced two scans")
    answer = run.one.post("/intents", run.scan(), Idempotency_Key=key)
    expect(answer.status_code in {409, 422}, f"a used key for another request is answered by {answer.status_code}")


def changes_name_what_they_were_decided_on(run: Run) -> None:
    """506: a renewal without If-Match is refused by 428, one that was decided on an earlier version by 412."""
    made = run.one.accepted(run.scan())
    tag = run.one.get(f"/intents/{made['id']}").headers.get("ETag", "")
    expect(tag, "an intent has no ETag")
    body = {"ends_at": run.window(1, 3)["ends_at"]}
    wanted(run.one.step(made["id"], "renew", body), 428, "renewing without If-Match")
    wanted(run.one.step(made["id"], "renew", body, If_Match=tag), 200, "renewing with the present ETag")
    wanted(run.one.step(made["id"], "renew", body, If_Match=tag), 412, "renewing with an earlier ETag")


def steps_follow_their_order(run: Run) -> None:
    """507: a scan begins in its window alone, and what has ended does not begin."""
    made = run.one.accepted(run.scan())
    wanted(run.one.step(made["id"], "start"), 409, "beginning before the window")
    wanted(run.one.step(made["id"], "end"), 200, "ending a scan")
    expect(run.one.step(made["id"], "start").status_code in {403, 409}, "a scan that has ended begins")
    expect(run.one.step(made["id"], "end").status_code in {403, 409}, "a scan that has ended ends again")


def lists_are_whole(run: Run) -> None:
    """508: pages of a list hold every row once."""
    package = run.package()
    made = {
        run.one.accepted(run.scan({"kind": "software", "package": package, "paths": f"{number}/**"}))["id"]
        for number in range(_SEVERAL)
    }
    listed: list[str] = []
    cursor = ""
    for _ in range(_SEVERAL + 1):
        page = run.other.get("/intents", target=package, limit=2, **({"cursor": cursor} if cursor else {}))
        wanted(page, 200, "a page of a list")
        listed += [one["id"] for one in page.json()["items"]]
        cursor = page.json()["next"] or ""
        if not cursor:
            break
    expect(sorted(listed) == sorted(made), f"pages hold {len(listed)} rows of {len(made)}")


CHECKS = (
    strangers_get_nothing,
    refusals_are_problem_documents,
    hidden_is_like_absent,
    scans_are_their_organizations,
    sent_twice_is_done_once,
    changes_name_what_they_were_decided_on,
    steps_follow_their_order,
    lists_are_whole,
)
