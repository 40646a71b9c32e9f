"""Friend or foe: how long it takes to know a scan by its source, in process and from the signed list; how much memory.

Sources nest to eight (IPv4 /16 to /32, IPv6 /32 to /128), half of the scans are outside their window. Half of the
questions are about addresses that a scan names, half about others. Of each question the time on the clock is taken and
the processor's, for the machine may be busy with other things. Every hundredth answer is held against looking at every
scan.
"""

import gc
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.options import Options
from clearinghouse.deconfliction.rules.prefixes import BITS, Address, Prefix, parse_address, parse_prefix
from clearinghouse.deconfliction.rules.scan_index import ScanIndex
from clearinghouse.deconfliction.rules.scan_list import MEMBERS, Head, ask, open_list, told_to_members, write_list
from clearinghouse.deconfliction.rules.sightings import NEAR, Answer, Reach, Sighting, StandingScan, answer_from
from clearinghouse.signing.keys import SigningKey

SEED = 20261126
QUESTIONS = 20_000
IN_A_LIST = 100_000
NESTED = 8
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GOAL_MS, GOAL_LIST_MS, GOAL_LIST_BYTES, GOAL_LOAD_SECONDS = 0.2, 0.1, 10_000_000, 1.0


def planted(count: int, drawn: random.Random) -> Iterator[tuple[StandingScan, Address]]:
    """Yield scans, and with each an address that it names."""
    number = 0
    ours = (Reach(parse_prefix("198.51.100.0/24"), 80, 443),)
    while number < count:
        version = 4 if drawn.random() < 0.8 else 6  # noqa: PLR2004 - four in five are IPv4
        value = drawn.getrandbits(32) if version == 4 else 0x2001 << 112 | drawn.getrandbits(112)  # noqa: PLR2004 - IPv4
        lengths = range(16, 33) if version == 4 else range(32, 129, 8)  # noqa: PLR2004 - IPv4
        for length in drawn.sample(lengths, NESTED):
            away = BITS[version] - length
            is_now = drawn.random() < 0.5  # noqa: PLR2004 - half of them
            starts = NOON - HOUR * drawn.randint(1, 300) if is_now else NOON + HOUR * drawn.randint(1, 600)
            scan = StandingScan(
                intent="SCAN-" + "".join(LETTERS[number >> shift & 31] for shift in range(45, -5, -5)),
                sources=(Prefix(version, length, value >> away << away),),
                starts_at=starts,
                ends_at=starts + HOUR * drawn.randint(301, 719),
                contact=f"mailto:scans@lab{number % 500}.example",
                scanner=f"Lab {number % 500}",
                technique="active-network-scanning",
                reaches=ours if drawn.random() < 0.5 else (),  # noqa: PLR2004 - half of them
            )
            yield scan, Address(version, value)
            number += 1


def main(options: Options) -> int:
    """Print the figures; fails only where an answer is wrong."""
    drawn = random.Random(options.seed or SEED)  # noqa: S311 - a bench
    wrong = _in_process(options.entries, drawn)
    wrong += _offline(min(IN_A_LIST, options.entries), drawn)
    return 1 if wrong else 0


def _in_process(count: int, drawn: random.Random) -> int:
    made = list(planted(count, drawn))
    named = [address for _, address in made[:: max(1, count // QUESTIONS)]]
    began = time.perf_counter()
    built = ScanIndex.build(scan for scan, _ in made)
    print(f"{count:,} scans: index built in {time.perf_counter() - began:.1f} s")
    questions = [_question(named, drawn) for _ in range(QUESTIONS)]
    checked = [(one, _by_looking([scan for scan, _ in made], one)) for one in questions[:: QUESTIONS // 20]]
    laid = built.laid()
    del made, built
    gc.collect()
    before = _resident()
    began = time.perf_counter()
    index = ScanIndex(laid)
    took = time.perf_counter() - began
    size = sum(map(len, laid.columns))
    del laid
    print(
        f"  laid out: {size / 1e6:.0f} MB ({size / count:.0f} bytes a scan); taken up again in {took:.2f} s, "
        f"{_resident() - before + size / 1e6:.0f} MB of memory"
    )
    _timed(index.answer, questions, goal=GOAL_MS)
    wrong = sum(index.answer(one).standing is not expected.standing for one, expected in checked)
    print(f"  held against looking at every scan: {len(checked)} answers, {wrong} wrong")
    return wrong


def _offline(count: int, drawn: random.Random) -> int:
    made = list(planted(count, drawn))
    key = SigningKey(b"k" * 32)
    own = parse_prefix("198.51.100.0/24")
    head = Head("clearinghouse.example", MEMBERS, 1, NOON, NOON + timedelta(minutes=10))
    files = [
        write_list(head, (told_to_members(scan) for scan, _ in made), key=key),
        write_list(
            replace(head, audience="ours", networks=(own,)), (scan for scan, _ in made if scan.reaches), key=key
        ),
    ]
    lists = []
    for name, data, goal in zip(("members", "details"), files, (GOAL_LIST_BYTES, GOAL_LIST_BYTES), strict=True):
        began = time.perf_counter()
        lists.append(open_list(data, key=key.public))
        took = time.perf_counter() - began
        print(
            f"list for {name}, {len(lists[-1].index):,} scans: {len(data) / 1e6:.1f} MB (goal {goal / 1e6:.0f}); "
            f"verified and loaded in {took:.2f} s (goal {GOAL_LOAD_SECONDS:g})"
        )
    named = [address for _, address in made[:: max(1, count // QUESTIONS)]]
    questions = [_question(named, drawn) for _ in range(QUESTIONS)]
    _timed(lambda one: ask(lists[:1], one), questions, goal=GOAL_LIST_MS)
    checked = questions[:: QUESTIONS // 20]
    told = [told_to_members(scan) for scan, _ in made]
    wrong = sum(ask(lists[:1], one).standing is not _by_looking(told, one).standing for one in checked)
    print(f"  held against looking at every scan: {len(checked)} answers, {wrong} wrong")
    return wrong


def _question(named: list[Address], drawn: random.Random) -> Sighting:
    version = drawn.choice((4, 4, 4, 6))
    other = Address(version, drawn.getrandbits(32) if version == 4 else 0x2001 << 112 | drawn.getrandbits(112))  # noqa: PLR2004 - IPv4
    source = drawn.choice(named) if drawn.random() < 0.5 else other  # noqa: PLR2004 - half of them
    return Sighting(source, NOON, parse_address("198.51.100.9"), "", 443)


def _by_looking(scans: list[StandingScan], sighting: Sighting) -> Answer:
    near = (
        scan
        for scan in scans
        if scan.sources[0].holds(sighting.source)
        and scan.starts_at - NEAR <= sighting.at
        and scan.ends_at + NEAR >= sighting.at
    )
    return answer_from(sighting, near)


def _timed(ask_of: Callable[[Sighting], Answer], questions: list[Sighting], *, goal: float) -> None:
    clock, processor, standing = [], [], Counter[str]()
    gc.collect()
    gc.freeze()
    for one in questions:
        began, cpu = time.perf_counter_ns(), time.thread_time_ns()
        found = ask_of(one)
        processor.append(time.thread_time_ns() - cpu)
        clock.append(time.perf_counter_ns() - began)
        standing[found.standing] += 1
    gc.unfreeze()
    for name, taken in (("on the clock", clock), ("of the processor", processor)):
        taken.sort()
        p50, p99 = (taken[int(len(taken) * share)] / 1e6 for share in (0.5, 0.99))
        print(f"  one question, {name}: p50 {p50:.3f} ms, p99 {p99:.3f} ms (goal {goal:g})")
    print(f"  answers: {', '.join(f'{count} {name}' for name, count in sorted(standing.items()))}")


def _resident() -> float:
    """Return how many MB of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
