"""Policy packs: bands, tie-breaks and embargo as versioned data. Old versions stay, so old orders can be explained."""

from functools import cache
from importlib import resources

from clearinghouse.cases.rules.policy import Policy, parse_policy

CURRENT = "akrites-2026-11"


@cache
def policy(name: str = CURRENT) -> Policy:
    """Return the policy pack of this name."""
    return parse_policy(resources.files("clearinghouse.cases").joinpath("policies", f"{name}.json").read_bytes())
