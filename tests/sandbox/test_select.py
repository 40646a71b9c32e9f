"""The sandbox of this machine is tried before it is used; where it does not work, cause and cure are said."""

import pytest

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import select
from clearinghouse.sandbox.profile import Ended, Job
from tests.sandbox.makers import a_sandbox


class Broken:
    """A sandbox that does not come up."""

    tier = "broken"

    def __init__(self, said: str) -> None:
        self._said = said

    def run(self, job: Job) -> Ended:
        raise Unavailable(f"the sandbox did not come up: {self._said} {job.argv[0]}")


def test_the_same_sandbox_is_given_again() -> None:
    a_sandbox()
    assert select.sandbox_for(demand="bubblewrap") is select.sandbox_for(demand="bubblewrap")


def test_an_unknown_tier_is_refused_with_those_there_are() -> None:
    with pytest.raises(Unavailable, match=r"'docker'.*bubblewrap"):
        select.sandbox_for(demand="docker")


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("bwrap: No permissions to create new namespace", "unprivileged_userns_clone"),
        ("bwrap: setting up uid map: Permission denied", "apparmor_restrict_unprivileged_userns"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths=unconfined"),
        ("bwrap: Creating new namespace failed: No space left on device", "max_user_namespaces"),
        ("bwrap: Unknown option --disable-userns", "update bubblewrap"),
    ],
)
def test_what_bubblewrap_says_is_answered_with_a_cure(said: str, cure: str) -> None:
    with pytest.raises(Unavailable, match=cure):
        select._tried(Broken(said))


def test_without_the_program_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="apt-get install bubblewrap"):
        select._bubblewrap()
