"""The suite: every check, run one after the other, and what came of each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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
    """Yield what comes of each check; one that fails keeps none of the others from running."""
    for check in checks:
        number, rule = numbered(check)
        try:
            check(run)
        except Skipped as reason:
            yield Outcome(number, rule, "skipped", str(reason))
        except Failed as reason:
            yield Outcome(number, rule, "failed", str(reason))
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as trouble:
            yield Outcome(
                number, rule, "failed", f"the server's answer cannot be read: {type(trouble).__name__} {trouble}"
            )
        else:
            yield Outcome(number, rule, "passed")
