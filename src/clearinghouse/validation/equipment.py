"""Puts the laboratory together from the folders and tools of this machine; no database."""

from collections.abc import Callable
from pathlib import Path

from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.supply import Supply
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.rules import Run
from clearinghouse.validation.runners import Runners
from clearinghouse.validation.variants import Variants


def open_lab(
    cache: Path,
    *,
    demand: str | None = None,
    on_run: Callable[[Run], None] = lambda run: None,  # noqa: ARG005 - nobody listens
    supply: Supply = Supply(),  # noqa: B008 - frozen
    own: Path | None = None,
) -> Lab:
    """Return a laboratory that keeps what it fetches below ``cache``.

    Args:
        cache: a folder that the sandbox's user can read.
        demand: the only tier of sandbox that will do.
        on_run: told of every run that was made.
        supply: where the cache has from what it lacks.
        own: another cache, for what is made of this machine alone: copies of interpreters, and the runners.

    Raises:
        Unavailable: no sandbox works here, or not the tier that ``demand`` names; says how to cure it.
    """
    sandbox = sandbox_for(demand=demand)
    indexes = Indexes(cache, supply=supply)
    environments = Environments(cache, indexes, Interpreters(own or cache), sandbox)
    runners = Runners((own or cache) / "runners", sandbox)
    return Lab(indexes, environments, Variants(cache / "variants", sandbox), runners, sandbox, on_run=on_run)
