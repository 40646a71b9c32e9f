"""What a judgement needed from outside, as files that travel with it; and a cache made of such files.

They come from a stranger: every name has one of four forms, a fetched file must have the digest that its own name
states, and nothing else reaches the cache. Whether the files are those that were signed is looked at before.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from clearinghouse.errors import Malformed
from clearinghouse.releases.fetch import ALGORITHMS
from clearinghouse.releases.supply import FILES, INDEX, KINDS, LOCKS, RESOLUTIONS
from clearinghouse.strict import Limits, load_json

_NAMES: Final = {
    INDEX: re.compile(r"(pypi|npm)/(?!\.)[A-Za-z0-9%._~-]{1,300}\.json"),
    FILES: re.compile(r"(sha512|sha384|sha256|sha1)-[0-9a-f]{40,128}"),
    RESOLUTIONS: re.compile(r"[0-9a-f]{32}\.json"),
    LOCKS: re.compile(r"[0-9a-f]{32}\.json"),
}
_LIMITS: Final = Limits(size_bytes=128 * 1024 * 1024, depth=20, items=5_000_000)


def carried(cache: Path) -> dict[str, bytes]:
    """Return what a cache holds from outside, by relative name; without the addresses it was fetched from."""
    found: dict[str, bytes] = {}
    for kind in KINDS:
        for file in sorted((cache / kind).rglob("*")):
            name = file.relative_to(cache / kind).as_posix()
            if file.is_file() and _NAMES[kind].fullmatch(name):
                data = file.read_bytes()
                found[f"{kind}/{name}"] = data if kind == FILES else _without_addresses(data)
    return found


def _without_addresses(data: bytes) -> bytes:
    """Return a list, a decision or a lock without addresses: they may name a mirror of ours, with its password."""

    def blank(said: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(said, dict):
            return {name: "" if name in {"url", "resolved"} else blank(one) for name, one in said.items()}
        return [blank(one) for one in said] if isinstance(said, list) else said

    said = blank(json.loads(data))
    if isinstance(said, dict):
        said |= {"address": None} if "address" in said else {}
        said |= {"asked": [*said["asked"][:4], None]} if "asked" in said else {}
    return json.dumps(said, indent=1, sort_keys=True).encode()


def fill(cache: Path, files: Mapping[str, bytes]) -> None:
    """Put carried files into an empty cache.

    Raises:
        Malformed: one has a name that none of them has, is not what its name states, or is no JSON.
    """
    for name, data in sorted(files.items()):
        kind, _, rest = name.partition("/")
        if kind not in _NAMES or _NAMES[kind].fullmatch(rest) is None:
            raise Malformed(f"releases/{name} has no name that a carried file has; none but the clearinghouse's own do")
        if kind == FILES:
            algorithm, _, digest = rest.partition("-")
            if algorithm not in ALGORITHMS or hashlib.new(algorithm, data).hexdigest() != digest:
                raise Malformed(f"releases/{name} is not what its name states")
        else:
            load_json(data, limits=_LIMITS)
        place = cache / kind / rest
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o644)
    for folder in (cache, *(one for one in cache.rglob("*") if one.is_dir())):
        folder.chmod(0o755)
