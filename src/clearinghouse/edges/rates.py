"""How often one person, token or address may ask: so that one program in a loop does not keep everybody else waiting.

Counted in this process alone: with several, one gets a multiple, and a proxy before them can hold all to one figure.
"""

import ipaddress
import math
import time
from functools import cache
from typing import Final

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from clearinghouse.errors import TooMany

_COUNTED: Final = SlidingWindowCounterRateLimiter(MemoryStorage())


@cache
def _rate(requests: int) -> RateLimitItemPerMinute:
    return RateLimitItemPerMinute(requests)


def network_of(address: str) -> str:
    """Return by what an address is counted: itself, or of IPv6 the network that one customer has, a /64."""
    known = ipaddress.ip_address(address)
    return str(known if known.version == 4 else ipaddress.ip_network((known, 64), strict=False))  # noqa: PLR2004 - IPv4


def count_request(who: str) -> None:
    """Count one request of somebody; nothing is counted where the setting is 0.

    Args:
        who: the id of a person or token, or an address of the network.

    Raises:
        TooMany: more came from them within a minute than ``CLEARINGHOUSE_REQUESTS_A_MINUTE``.
    """
    most = settings.CLEARINGHOUSE_REQUESTS_A_MINUTE
    if not most or _COUNTED.hit(_rate(most), who):
        return
    again = _COUNTED.get_window_stats(_rate(most), who).reset_time - time.time()
    raise TooMany(
        f"at most {most} requests a minute are answered for one person or address; wait a little, and ask less often",
        retry_after_seconds=max(1, math.ceil(again)),
    )
