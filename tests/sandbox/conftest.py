"""Every tier that works on this machine, one after the other."""

import pytest

from clearinghouse.sandbox.profile import Sandbox
from tests.sandbox.makers import TIERS, a_sandbox


@pytest.fixture(params=TIERS)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return a_sandbox(request.param)
