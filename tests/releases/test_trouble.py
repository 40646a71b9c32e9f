"""What uv and npm say is told apart: what passes, and what no later answer changes."""

import pytest

from clearinghouse.releases.trouble import in_short, npm_cannot, npm_code, passes, uv_cannot

REFUSED = """error: Request failed after 3 retries in 6.0s
  cause: Failed to fetch: http://127.0.0.1:9/simple/nowhere/
  cause: tcp connect error
  cause: Connection refused (os error 111)"""
LATER = """error: Failed to fetch: http://127.0.0.1/simple/nowhere/
  cause: HTTP status server error (503 Service Unavailable) for url (http://127.0.0.1/simple/nowhere/)"""
NONE = """error: No solution found when resolving dependencies
  cause: Because proxy-connection was not found in the package registry and you require proxy-connection>=1, we can
  conclude that your requirements are unsatisfiable."""
FORBIDDEN = (
    NONE
    + """

hint: An index (http://127.0.0.1/simple/) returned a 403 Forbidden error. Check that the credentials are valid."""
)
WHEELLESS = "error: Wheels are required for `network-proxy` because building from source is disabled for all packages"
FULL = "error: failed to write to file `/var/x/y`: No space left on device (os error 28)"
UNKNOWN = "error: something that no version of uv has said so far"


@pytest.mark.parametrize("said", [REFUSED, LATER, FORBIDDEN, FULL])
def test_an_index_that_does_not_answer_uv_is_trouble_that_passes(said: str) -> None:
    assert passes(said) and not uv_cannot(said)


@pytest.mark.parametrize("said", [NONE, WHEELLESS])
def test_what_no_set_of_releases_fits_does_not_pass_whatever_packages_are_called(said: str) -> None:
    assert uv_cannot(said) and not passes(said)


def test_what_uv_has_never_said_is_not_taken_for_impossible() -> None:
    assert not uv_cannot(UNKNOWN) and not passes(UNKNOWN)


@pytest.mark.parametrize(
    ("said", "code", "cannot"),
    [
        ("npm error code ETARGET\nnpm error notarget No matching version", "ETARGET", True),
        ("npm ERR! code E404\nnpm ERR! 404 Not Found", "E404", True),
        ("npm error code 128\nnpm error command /bin/false ls-remote x", "EUNSUPPORTEDPROTOCOL", True),
        ("npm error code E503\nnpm error 503 Service Unavailable", "E503", False),
        ("npm error code ECONNREFUSED", "ECONNREFUSED", False),
        ("npm error code EINTEGRITY", "EINTEGRITY", False),
        ("npm error Cannot read properties of null", "", False),
        ("", "", False),
    ],
)
def test_the_code_of_npm_says_whether_asking_again_may_help(said: str, code: str, *, cannot: bool) -> None:
    assert (npm_code(said), npm_cannot(code)) == (code, cannot)


def test_what_a_tool_said_is_told_without_the_places_of_this_machine() -> None:
    said = "error at /var/cache/x/3f/y-1.0.whl and file:///tmp/box-8a2/wanted.in,\n  of https://a.example/b and/or d"
    assert in_short(said) == "error at (a file) and (a file), of https://a.example/b and/or d"
    log = "npm error code E1\nnpm error A complete log of this run can be found in: /home/x/y-2026.log"
    assert in_short(log) == "npm error code E1"
