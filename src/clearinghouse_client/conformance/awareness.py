"""Rules 1xx: nobody is accepted unawares."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from clearinghouse_client.conformance.parties import Run, expect, keys_of, wanted

_RACES: Final = 8


def looking_announces_nothing(run: Run) -> None:
    """101: asking whether anyone is on something announces nothing."""
    scan = run.scan()
    run.one.met_by(scan)
    expect(not run.other.met_by(scan), "what was only asked about is met by another")


def who_asks_is_told_whom_they_meet(run: Run) -> None:
    """102: whoever asks about a target is told who stands there: id, technique, window, contact, version key."""
    scan = run.scan()
    made = run.one.accepted(scan)
    found = run.other.met_by(scan).get(made["id"])
    expect(found, f"{made['id']} stands on the same target and is not told")
    assert found is not None  # noqa: S101 - just expected
    for part in ("technique", "starts_at", "ends_at", "contact", "version_key"):
        expect(found.get(part) == made[part] or part.endswith("_at"), f"what is told of {made['id']} lacks its {part}")
        expect(found.get(part), f"what is told of {made['id']} lacks its {part}")


def unaware_is_refused(run: Run) -> None:
    """103: an announcement without the keys of what it meets is refused by 409 with references, and not kept."""
    scan = run.scan()
    made = run.one.accepted(scan)
    answer = run.other.announce(scan)
    wanted(answer, 409, "announcing what meets another unawares", "unaware")
    named = {one["id"]: one for one in answer.json().get("references", [])}
    expect(made["id"] in named, f"the refusal does not name {made['id']}")
    expect(named[made["id"]].get("version_key") == made["version_key"], "the refusal names another version key")
    expect(not run.one.met_by(scan), "a refused announcement stands")


def aware_is_accepted(run: Run) -> None:
    """104: with the key of everything that it meets an announcement is accepted, and says whom it meets."""
    scan = run.scan()
    made = run.one.accepted(scan)
    answer = run.other.announce(scan, seen=[made["version_key"]])
    wanted(answer, 201, "announcing with the key of what is met")
    expect(made["id"] in {one["id"] for one in answer.json()["met"]}, "the answer does not say whom it meets")


def an_old_key_is_worth_nothing(run: Run) -> None:
    """105: after a change the earlier version key does not count."""
    scan = run.scan()
    made = run.one.accepted(scan)
    read = run.one.get(f"/intents/{made['id']}")
    later = run.window(1, 3)["ends_at"]
    answer = run.one.step(made["id"], "renew", {"ends_at": later}, If_Match=read.headers.get("ETag", "*"))
    wanted(answer, 200, "renewing a scan")
    answer = run.other.announce(scan, seen=[made["version_key"]])
    wanted(answer, 409, "announcing with the key of an earlier version", "unaware")
    wanted(run.other.announce(scan, seen=keys_of(answer)), 201, "announcing with the present key")


def an_invented_key_is_worth_nothing(run: Run) -> None:
    """106: a key that was never given does not count."""
    scan = run.scan()
    run.one.accepted(scan)
    wanted(run.other.announce(scan, seen=["A" * 32]), 409, "announcing with an invented key", "unaware")


def every_key_is_needed(run: Run) -> None:
    """107: of two that are met, the key of one is not enough."""
    package = run.package()
    first = run.one.accepted(run.scan({"kind": "software", "package": package, "paths": "a/**"}))
    second = run.one.accepted(run.scan({"kind": "software", "package": package, "paths": "b/**"}))
    answer = run.other.announce(run.scan(package), seen=[first["version_key"]])
    wanted(answer, 409, "announcing with one key of two", "unaware")
    named = {one["id"] for one in answer.json().get("references", [])}
    expect(second["id"] in named, f"the refusal does not name {second['id']}, which is missing")


def windows_that_touch_do_not_meet(run: Run) -> None:
    """108: windows are half-open: what begins when another ends does not meet it."""
    first, package = run.window(1, 1), run.package()
    run.one.accepted({**run.scan(package), **first})
    after = {"starts_at": first["ends_at"], "ends_at": run.window(2, 1)["ends_at"]}
    wanted(run.other.announce({**run.scan(package), **after}), 201, "announcing a window that begins at another's end")


def techniques_that_share_need_no_key(run: Run) -> None:
    """109: a technique that does not compete needs no key, and is told all the same."""
    package = run.package()
    made = run.one.accepted(run.scan(package, technique="fuzzing"))
    answer = run.other.announce(run.scan(package, technique="static-analysis"))
    wanted(answer, 201, "announcing a technique that shares the target")
    expect(made["id"] in {one["id"] for one in answer.json()["met"]}, "the answer does not say who shares the target")


def what_has_ended_stands_in_nobodys_way(run: Run) -> None:
    """110: an ended scan needs no key."""
    scan = run.scan()
    made = run.one.accepted(scan)
    wanted(run.one.step(made["id"], "end"), 200, "ending a scan")
    wanted(run.other.announce(scan), 201, "announcing where a scan has ended")


def drafts_are_nobody_elses_business(run: Run) -> None:
    """111: a draft is seen by nobody else and stands in nobody's way; accepting it asks for the keys."""
    scan = run.scan()
    answer = run.one.announce(scan, begin="draft")
    wanted(answer, 201, "writing down a draft")
    name = answer.json()["intent"]["id"]
    wanted(run.other.get(f"/intents/{name}"), 404, "another's draft")
    run.other.accepted(scan)
    wanted(run.one.step(name, "accept"), 409, "accepting a draft that meets another by now", "unaware")


def beginning_asks_again(run: Run) -> None:
    """112: whoever begins must have seen what was announced since they were accepted."""
    scan = {**run.scan(), **run.window(0, 2)}
    first = run.one.accepted(scan)
    run.other.accepted(scan, seen=[first["version_key"]])
    answer = run.one.step(first["id"], "start")
    wanted(answer, 409, "beginning beside what was announced since", "unaware")
    wanted(run.one.step(first["id"], "start", {"seen": keys_of(answer)}), 200, "beginning with the keys")


def an_emergency_needs_no_key(run: Run) -> None:
    """113: an emergency needs no key but a reason, and says whom it meets."""
    scan = {**run.scan(), **run.window(0, 2)}
    made = run.one.accepted(scan)
    wanted(run.other.announce(scan, begin="emergency"), 422, "an emergency without a reason")
    answer = run.other.announce(scan, begin="emergency", why="it is being exploited")
    wanted(answer, 201, "an emergency beside another scan")
    expect(made["id"] in {one["id"] for one in answer.json()["met"]}, "the emergency is not told whom it meets")


def ones_own_twice_is_refused(run: Run) -> None:
    """114: one's own organization does not do the same twice at one time."""
    scan = run.scan()
    run.one.accepted(scan)
    wanted(run.one.announce(scan), 409, "announcing one's own scan twice", "overlaps")


def two_at_once_are_never_both_unaware(run: Run) -> None:
    """115: of two who announce at the same moment without keys, at most one is accepted."""
    for _ in range(_RACES):
        scan = run.scan()
        with ThreadPoolExecutor(max_workers=2) as pool:
            answers = list(pool.map(lambda party, said=scan: party.announce(said), (run.one, run.other)))
        accepted = [one for one in answers if one.status_code == 201]  # noqa: PLR2004 - HTTP's own number
        expect(len(accepted) == 1, f"of two writers at one moment {len(accepted)} were accepted unawares; one must be")


def one_who_is_down_blocks_nobody(run: Run) -> None:
    """116: what a participant who does not answer has accepted, but not begun, needs no key."""
    scan = run.scan()
    run.one.accepted(scan)
    try:
        answer = run.one.ask("PUT", "/availability", json={"answering": "down", "why": "conformance"})
        wanted(answer, 200, "saying that one does not answer")
        wanted(run.other.announce(scan), 201, "announcing beside somebody who is down")
    finally:
        run.one.ask("PUT", "/availability", json={"answering": "normal"})


def confidential_is_outside_the_key(run: Run) -> None:
    """117: what one may not see needs no key; once both have met they see each other."""
    scan = run.scan()
    hidden = run.one.accepted(scan, visibility="those-met")
    expect(hidden["id"] not in run.other.met_by(scan), "a confidential scan is told to whoever asks")
    wanted(run.other.get(f"/intents/{hidden['id']}"), 404, "another's confidential scan")
    answer = run.other.announce(scan)
    wanted(answer, 201, "announcing beside a confidential scan")
    wanted(run.other.get(f"/intents/{hidden['id']}"), 200, "a confidential scan that one has met")


CHECKS = (
    looking_announces_nothing,
    who_asks_is_told_whom_they_meet,
    unaware_is_refused,
    aware_is_accepted,
    an_old_key_is_worth_nothing,
    an_invented_key_is_worth_nothing,
    every_key_is_needed,
    windows_that_touch_do_not_meet,
    techniques_that_share_need_no_key,
    what_has_ended_stands_in_nobodys_way,
    drafts_are_nobody_elses_business,
    beginning_asks_again,
    an_emergency_needs_no_key,
    ones_own_twice_is_refused,
    two_at_once_are_never_both_unaware,
    one_who_is_down_blocks_nobody,
    confidential_is_outside_the_key,
)
