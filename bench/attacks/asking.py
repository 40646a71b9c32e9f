"""What outsiders ask, drawn from a seed: each page and operation, filled with names of theirs, of others, of nobody."""

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from bench.attacks.briefs import STRANGER
from bench.attacks.world import same_report
from clearinghouse.edges.checks import every_address
from clearinghouse.edges.doors import doors_of
from clearinghouse.findings.archives import packed

OPENAPI = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
AFTER_WORK = ("/reports", "/hand-in", "/cases", "/api/v1/findings", "/api/v1/submissions", "/api/v1/index.json")
"""Looked at whenever a worker has read what was handed in."""
BOUNDARY = "a-boundary-of-our-own"
WORK = "WORK"
"""In place of a method: what was handed in is read, as a worker does."""
SIGNING_IN = ("/sign-in", "/account/", "/join/")
_PLAIN_KINDS = {
    "case": "case", "name": "case", "digest": "digest", "key": "key", "finding_id": "finding", "receipt": "receipt",
    "participant": "participant", "asked": "request", "token": "token", "token_id": "token", "response": "response",
    "response_id": "response", "organization_id": "organization", "membership_id": "person", "secret": "secret",
    "invitation_id": "invitation", "entry": "finding", "finding": "finding",
}  # fmt: skip
_ABSENT: Mapping[str, str] = {
    "case": "CASE-ZZZZZZZZ",
    "key": "f" * 64,
    "digest": "sha256:" + "0" * 64,
    "receipt": "SUB-" + "0" * 26,
    "email": "nobody@nowhere.example",
    "name": "finder-z/z-9",
    "word": "zzzz",
    "secret": "x" * 43,
}
OUTSIDE_OF_ALL = (
    "/metrics", "/health", "/healthz", "/readyz", "/health/ready", "/feed", "/feeds", "/csaf/", "/advisories",
    "/.well-known/csaf/provider-metadata.json", "/.well-known/security.txt", "/robots.txt", "/sitemap.xml",
    "/ledger/checkpoint", "/checkpoint", "/tile/0/000", "/api/v1/openapi.json", "/api/v1/docs", "/admin/",
    "/static/../x",
)  # fmt: skip


def kind_of(parameter: str) -> str:
    """Return of which kind of names a parameter of an address is."""
    return _PLAIN_KINDS.get(parameter, "word")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one role."""

    role: str
    method: str
    target: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    by_token: bool = False


class Names:
    """Names of theirs, of others' and of nobody's, drawn by kind."""

    def __init__(
        self,
        own: Mapping[str, Sequence[str]],
        hidden: Mapping[str, Sequence[str]],
        chance: random.Random,
        *,
        only: str = "",
    ) -> None:
        """``only``: ``own`` or ``hidden``, to draw from these alone where there are any."""
        self.own, self.hidden, self.chance, self.only = own, hidden, chance, only

    def one(self, kind: str) -> str:
        """Return a name of a kind; half of all draws name what is hidden."""
        places = [self.own.get(kind), self.hidden.get(kind), self.hidden.get(kind), None]
        if self.only:
            places = [self.own.get(kind) if self.only == "own" else self.hidden.get(kind)]
        among = self.chance.choice(places)
        return self.chance.choice(among) if among else _ABSENT.get(kind, str(UUID(int=9)))

    def word(self) -> str:
        """Return something to search for or to address a case by: whole names, beginnings, and parts of them."""
        found = self.one(self.chance.choice(["case", "key", "name", "word", "email", "digest", "finding", "receipt"]))
        return found[: self.chance.choice([6, 7, 8, 12])] if self.chance.random() < 0.3 else found  # noqa: PLR2004 - a share

    def cursor(self) -> str:
        """Return a cursor that names a row."""
        kind = self.chance.choice(["case", "finding", "token", "receipt", "organization", "invitation"])
        return base64.urlsafe_b64encode(self.one(kind).encode()).decode().rstrip("=")


def asked(
    number: int, role: str, own: Mapping[str, Sequence[str]], hidden: Mapping[str, Sequence[str]], *, seed: int
) -> Asked:
    """Return the request of this number of a role; it follows from the seed and the names alone."""
    chance = random.Random(f"{seed} {role} {number}")  # noqa: S311 - what is asked, no secret
    names = Names(own, hidden, chance)
    if number % 250 == 249:  # noqa: PLR2004 - now and then
        return Asked(role, WORK, "")
    if number % 250 < len(AFTER_WORK) and number > len(AFTER_WORK):
        target = AFTER_WORK[number % 250]
        return Asked(role, "GET", target, by_token=target.startswith("/api/") and role != STRANGER)
    if number < len(_each_once()):
        return _each(number, role, Names(own, hidden, chance, only=_each_once()[number][2]))
    draw = chance.random()
    if draw < 0.42:  # noqa: PLR2004 - shares of the whole
        return _page(role, names)
    if draw < 0.82:  # noqa: PLR2004 - shares of the whole
        return _operation(role, names)
    return chance.choice(_OF_STRANGERS if role == STRANGER else _SPECIAL)(role, names)


@cache
def _pages() -> tuple[tuple[str, str], ...]:
    """Return the address and method of every page, those with names in them twice."""
    found = []
    for route, view in every_address():
        if route.startswith(("api/", "/api/", "tap/", "/tap/")) or "static" in route:
            continue
        for method in doors_of(view):
            times = 2 if "<" in route else 1
            found += [
                ("/" + route.lstrip("/"), one) for one in (("GET", "GET", "POST") if method == "*" else (method,))
            ] * times
    return tuple(sorted(found))


@cache
def _operations() -> tuple[tuple[str, str, dict[str, Any]], ...]:
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    return tuple(
        (path, method.upper(), it) for path, methods in sorted(paths.items()) for method, it in methods.items()
    )


@cache
def _each_once() -> tuple[tuple[str, bool, str], ...]:
    """Return every page and operation that is read, once of their own and once of what is hidden: what begins a run."""
    read = [(route, False) for route, method in dict.fromkeys(_pages()) if method == "GET" and "sign-out" not in route]
    read += [(path, True) for path, method, _ in _operations() if method == "GET"]
    return tuple((route, of_the_api, whose) for route, of_the_api in read for whose in ("own", "hidden"))


def begins_with() -> int:
    """Return how many requests of a run are the same for every seed: each address that is read, twice."""
    return len(_each_once())


def _each(number: int, role: str, names: Names) -> Asked:
    route, of_the_api, _ = _each_once()[number]
    if of_the_api:
        return Asked(role, "GET", _filled(route, names, "{", "}"), by_token=role != STRANGER)
    return Asked(role, "GET", _filled(route, names, "<", ">"))


def _filled(route: str, names: Names, opening: str, closing: str) -> str:
    parts = []
    for part in route.split("/"):
        if opening not in part:
            parts.append(part)
            continue
        inner = part[part.index(opening) + 1 : part.index(closing)].rpartition(":")[2]
        kind = kind_of(inner)
        name = names.word() if kind == "case" and not names.only and names.chance.random() < 0.3 else names.one(kind)  # noqa: PLR2004 - a share
        if kind == "word":
            name = names.chance.choice(["proof.yaml", "fix.patch", "secret.txt", "csaf.json", "1", "office"])
        parts.append(quote(name, safe="/:") + part[part.index(closing) + 1 :])
    return "/".join(parts)


def _page(role: str, names: Names) -> Asked:
    route, method = names.chance.choice(_pages())
    target = _filled(route, names, "<", ">")
    headers = {"hx-request": "true"} if names.chance.random() < 0.2 else {}  # noqa: PLR2004 - a share
    if method == "POST":
        said = {"why": "w", "finding": names.one("name"), "said": "confirmed", "ends_on": "2027-01-01", "yes": "yes"}
        said |= {"email": names.one("email"), "organization": names.one("word"), "part": "maintainer", "role": "finder"}
        return _form(role, target, said, headers)
    query: dict[str, str] = {}
    if route in ("/cases", "/audit", "/reports", "/hand-in") and names.chance.random() < 0.7:  # noqa: PLR2004 - a share
        query["q"] = names.word()
        query["view"] = names.chance.choice(["all", "due", "patched", "to-confirm", ""])
        query["band"] = names.chance.choice(["", "", "INCIDENT", "URGENT", "STANDARD", "NEEDS-INFO"])
        query["after"] = names.cursor()
    return Asked(role, method, target + ("?" + urlencode(query) if query else ""), headers=headers)


def _form(role: str, target: str, said: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Asked:
    return Asked(role, "POST", target, urlencode(said).encode(), {"content-type": FORM, **(headers or {})})


def _operation(role: str, names: Names) -> Asked:
    path, method, it = names.chance.choice(_operations())
    target, query = _filled(path, names, "{", "}"), {}
    for one in it.get("parameters", ()):
        if one["in"] == "query" and names.chance.random() < 0.2:  # noqa: PLR2004 - a share
            query[one["name"]] = _parameter(one["name"], names)
    headers = {}
    if names.chance.random() < 0.3:  # noqa: PLR2004 - a share
        headers["if-match" if method != "GET" else "if-none-match"] = names.chance.choice(
            ['"0"', "*", '"' + "a" * 32 + '"']
        )
    if method == "POST" and names.chance.random() < 0.5:  # noqa: PLR2004 - a share
        headers["idempotency-key"] = names.chance.choice(["one", "two", names.one("finding")])
    body = b""
    if "requestBody" in it and JSON in it["requestBody"]["content"]:
        body, headers["content-type"] = json.dumps(_body(names)[names.chance.choice(list(_body(names)))]).encode(), JSON
    target += "?" + urlencode(query) if query else ""
    return Asked(role, method, target, body, headers, by_token=role != STRANGER)


def _parameter(name: str, names: Names) -> str:
    fixed = {"limit": ["1", "2", "200"], "band": ["URGENT", "STANDARD"], "state": ["open", "settled", "to-confirm"]}
    fixed |= {"answered": ["true"], "old": ["1"], "new": ["2"], "size": ["1", "3"]}
    fixed |= {
        "package": ["pkg:pypi/pyyaml", "pkg:npm/minimist", "pkg:pypi/secretive"],
        "finder": ["finder-g", "finder-h"],
    }
    return names.chance.choice(fixed[name]) if name in fixed else names.cursor()


def _body(names: Names) -> dict[str, Any]:
    return {
        "why": {"why": "w"},
        "answer": {"why": "w", "yes": True},
        "response": {"said": "confirmed", "why": "w", "reference": names.one("name")},
        "end": {"ends_at": "2027-01-01T00:00:00Z", "why": "w"},
        "member": {"person": names.one("person"), "role": "finder"},
        "organization": {"name": names.chance.choice(["Black House", "Finder House", "Nobody House"])},
        "invitation": {"role": "finder", "email": names.one("email")},
        "token": {"name": "XYZZY", "scopes": ["findings"], "expires_at": "2026-12-01T00:00:00Z"},
        "files": {
            "name": "same.tar",
            "files": {name: base64.b64encode(data).decode() for name, data in same_report().items()},
        },
    }


def _hand_in_page(role: str, names: Names) -> Asked:
    data = _upload(names)
    fields = {"target": names.chance.choice(["", "pkg:pypi/pyyaml@5.3"])}
    return Asked(role, "POST", "/hand-in", *_multipart("report", *data, fields))


def _hand_in(role: str, names: Names) -> Asked:
    body, headers = _multipart("report", *_upload(names), {"notify": "final"})
    if names.chance.random() < 0.5:  # noqa: PLR2004 - a share
        headers["idempotency-key"] = names.chance.choice(["one", "same"])
    return Asked(role, "POST", "/api/v1/submissions", body, headers, by_token=role != STRANGER)


def _upload(names: Names) -> tuple[str, bytes]:
    """Return a file to hand in: the very bytes that were handed in secretly, or others."""
    if names.chance.random() < 0.6:  # noqa: PLR2004 - a share
        return "same.tar", packed(same_report())
    return names.chance.choice([("g-4", b"not a report"), ("h-1", b"{}"), ("r.md", b"# title\n")])


def _multipart(name: str, file: str, data: bytes, fields: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
    parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n")
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def _tap(role: str, names: Names) -> Asked:
    if names.chance.random() < 0.6:  # noqa: PLR2004 - a share
        return Asked(role, "GET", f"/tap/v1/submissions/{names.one('receipt')[:-1]}0", by_token=role != STRANGER)
    report = {"purl": "pkg:pypi/pyyaml@5.3", "ecosystem": "PyPI", "software": "pyyaml", "versions": ["5.3"]}
    headers = {"content-type": JSON}
    return Asked(role, "POST", "/tap/v1/reports", json.dumps(report).encode(), headers, by_token=role != STRANGER)


def _sign_in(_: str, names: Names) -> Asked:
    """A stranger signs in, or follows a link, with the address of somebody."""
    if names.chance.random() < 0.6:  # noqa: PLR2004 - a share
        return _form(STRANGER, "/sign-in", {"login": names.one("email"), "password": "a wrong and unlikely one"})
    said = {"name": "Ada", "email": names.one("email"), "password": "another long unlikely sentence"}
    return _form(STRANGER, f"/join/{names.one('secret')}", said)


def _outside(role: str, names: Names) -> Asked:
    return Asked(role, names.chance.choice(["GET", "HEAD", "OPTIONS", "POST"]), names.chance.choice(OUTSIDE_OF_ALL))


def _other_method(role: str, names: Names) -> Asked:
    path, _, _ = names.chance.choice(_operations())
    method = names.chance.choice(["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
    return Asked(role, method, _filled(path, names, "{", "}"), by_token=role != STRANGER)


_SPECIAL: tuple[Callable[[str, Names], Asked], ...] = (
    _hand_in_page, _hand_in, _hand_in, _tap, _sign_in, _outside, _other_method
)  # fmt: skip

_OF_STRANGERS: tuple[Callable[[str, Names], Asked], ...] = (_sign_in, _sign_in, _sign_in, _tap, _outside, _other_method)


def all_asked(
    own: Mapping[str, Sequence[str]],
    hidden: Mapping[str, Sequence[str]],
    *,
    requests: int,
    roles: Sequence[str],
    seed: int,
) -> Iterator[tuple[int, Asked]]:
    """Yield everything that is asked, the roles in turn."""
    for number in range(requests):
        for role in roles:
            yield number, asked(number, role, own, hidden, seed=seed)
