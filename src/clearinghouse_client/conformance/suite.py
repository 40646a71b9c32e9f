"""The suite: every check, run one after the other, and what came of each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import httpx

from clearinghouse_client.conformance import awareness, interface, owners, targets
from clearinghouse_client.conformance.parties import Failed, Run, Skipped

type Check = Callable[[Run], None]
CHECKS: tuple[Check, ...] = (*awareness.CHECKS, *targets.CHECKS, *owners.CHECKS, *interface.CHECKS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check."""

    number: int
    rule: str
    """What the server must do."""
    outcome: str
    """passed, failed or skipped."""
    reason: str = ""


def numbered(check: Check) -> tuple[int, str]:
    """Return the number and the rule of a check, which are its docstring."""
    number, _, rule = (check.__doc__ or "").partition(": ")
    return int(number), " ".join(rule.split())


def run_checks(run: Run, checks: Iterable[Check] = CHECKS) -> Iterator[Outcome]:
    """Yield what comes of each check; one that fails keeps none of the others from running.

    What a check has put on record is taken back before the next one, whatever came of it.
    """
    for check in checks:
        try:
            outcome = _tried(run, check)
        finally:
            left = run.take_back()
        said = (outcome.reason, f"still on record: {', '.join(left)}" if left else "")
        yield replace(outcome, reason="; ".join(filter(None, said)))


def _tried(run: Run, check: Check) -> Outcome:
    number, rule = numbered(check)
    try:
        check(run)
    except Skipped as reason:
        return Outcome(number, rule, "skipped", str(reason))
    except Failed as reason:
        return Outcome(number, rule, "failed", str(reason))
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as trouble:
        why = f"the server's answer cannot be read: {type(trouble).__name__} {trouble}"
        return Outcome(number, rule, "failed", why)
    return Outcome(number, rule, "passed")
