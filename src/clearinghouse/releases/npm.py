"""The releases of a Node package, as its registry lists them."""

import subprocess
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from clearinghouse.errors import Refused, Unavailable
from clearinghouse.releases import commands, download
from clearinghouse.releases.names import NPM, purl_of
from clearinghouse.releases.rules import Release, ReleaseFile
from clearinghouse.standards.versions import is_version, sort_key
from clearinghouse.strict import Limits, load_json

MOST_BYTES = 128 * 1024 * 1024
LIMITS = Limits(size_bytes=MOST_BYTES, depth=100, items=20_000_000)


def listed(name: str, *, address: str | None) -> tuple[Release, ...]:
    """Return every release with a tarball and its digest, sorted by version.

    Args:
        name: ``name`` or ``@scope/name``.
        address: of the registry; None asks ``npm`` for the user's own.

    Raises:
        NotFound: the registry has no such package.
        Unavailable: the registry does not answer, or not in a way we understand.
    """
    base = (address or registry()).rstrip("/")
    data = download.content(f"{base}/{quote(name, safe='@')}", most_bytes=MOST_BYTES, what=f"the npm package {name!r}")
    return releases_in(data, name)


def releases_in(data: bytes, name: str) -> tuple[Release, ...]:
    """Return the releases in a registry's answer about a package; what npm cannot read as a version is left out.

    Raises:
        Unavailable: the answer is not understood.
    """
    try:
        document = load_json(data, limits=LIMITS)
        versions, times = document["versions"], document.get("time", {})
        known = [(version, said) for version, said in versions.items() if is_version("npm", version)]
        found = [(sort_key("npm", version), _release(name, version, said, times)) for version, said in known]
    except (Refused, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(f"the npm registry's answer for {name!r} is not understood: {error}") from error
    return tuple(release for _, release in sorted(found, key=lambda pair: pair[0]) if release)


@cache
def registry() -> str:
    """Return the address of the user's npm registry.

    Raises:
        Unavailable: npm is not installed or does not say.
    """
    try:
        said = subprocess.run(
            (commands.npm(), "config", "get", "registry"),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd="/",
            env=commands.environment({}),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"npm does not say which registry it uses: {error}; cure: reinstall npm") from error
    address = said.stdout.strip()
    if urlsplit(address).scheme not in {"http", "https"}:
        raise Unavailable(f"npm names {address!r} as its registry; cure: npm config set registry <address>")
    return address


def _release(name: str, version: str, said: dict[str, Any], times: dict[str, str]) -> Release | None:
    dist = said.get("dist") or {}
    digest = dist.get("integrity") or _from_sha1(dist.get("shasum"))
    if not digest or not dist.get("tarball"):
        return None
    published = times.get(version)
    published_at = datetime.fromisoformat(published).astimezone(UTC) if published else None
    engines = said.get("engines")
    file = ReleaseFile(f"{name.rpartition('/')[2]}-{version}.tgz", dist["tarball"], digest, "tarball", published_at)
    return Release(
        package=purl_of(NPM, name),
        version=version,
        published_at=published_at,
        files=(file,),
        requires=str(engines.get("node") or "") if isinstance(engines, dict) else "",
        yanked=False,
    )


def _from_sha1(shasum: str | None) -> str:
    """Return the SRI form of the only digest that very old releases have."""
    return f"sha1-{b64encode(bytes.fromhex(shasum)).decode()}" if shasum else ""
