"""Evidence bundles: every changed byte is found."""

import json

import pytest

from clearinghouse.advisories.bundles import STATEMENT_FILE, open_bundle
from clearinghouse.errors import Malformed
from clearinghouse.signing.keys import SigningKey
from clearinghouse.signing.statements import Statement
from tests.advisories.conftest import Written
from tests.advisories.makers import SIGNER


@pytest.fixture
def bundle(world: Written) -> dict[str, bytes]:
    folder = world.out / "cases" / world.case("pkg:npm/lodash")["key"] / "bundle"
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_bundle_opens_with_the_signers_key(bundle: dict[str, bytes]) -> None:
    opened = open_bundle(bundle, key=SIGNER.public)
    assert sorted(one.name for one in opened.evidence) == ["finder-b/B-21", "finder-d/D/2026/3"]
    assert opened.evidence[0].files["proof.yaml"].startswith(b"steps:")


def test_every_changed_byte_is_found(bundle: dict[str, bytes]) -> None:
    for name, data in bundle.items():
        step = max(1, len(data) // 40)
        for place in range(0, len(data), step):
            changed = bytearray(data)
            changed[place] ^= 1
            with pytest.raises(Malformed):
                open_bundle(bundle | {name: bytes(changed)}, key=SIGNER.public)


def test_a_file_more_or_less_is_found_and_named(bundle: dict[str, bytes]) -> None:
    with pytest.raises(Malformed, match="extra is not in the signed statement"):
        open_bundle(bundle | {"extra": b""}, key=SIGNER.public)
    for name in bundle:
        with pytest.raises(Malformed, match=r"is missing|not an evidence bundle"):
            open_bundle({one: data for one, data in bundle.items() if one != name}, key=SIGNER.public)


def test_another_key_opens_nothing(bundle: dict[str, bytes]) -> None:
    with pytest.raises(Malformed, match="names key"):
        open_bundle(bundle, key=SigningKey(bytes(32)).public)


def test_a_statement_about_something_else_is_refused() -> None:
    from clearinghouse.signing.envelopes import IN_TOTO_PAYLOAD, seal

    other = Statement({}, "https://slsa.dev/provenance/v1", {})
    sealed = seal(other.dump(), payload_type=IN_TOTO_PAYLOAD, key=SIGNER).dump()
    with pytest.raises(Malformed, match="provenance"):
        open_bundle({STATEMENT_FILE: sealed}, key=SIGNER.public)


def test_no_key_lies_in_a_bundle(bundle: dict[str, bytes]) -> None:
    assert not [name for name, data in bundle.items() if b"PUBLIC KEY" in data or SIGNER.public.pem() in data]


def test_the_bundle_holds_what_is_needed_to_run_again(bundle: dict[str, bytes]) -> None:
    folders = {name.split("/")[1] for name in bundle if name.startswith("findings/")}
    for folder in folders:
        kept = json.loads(bundle[f"findings/{folder}/finding.json"])
        assert set(kept["files"]) == {"proof.yaml", "benign.yaml", "fix.patch"}
        assert kept["environments"] == {"pkg:npm/lodash@4.17.15": ["sha256:" + "ab" * 32]}
        assert json.loads(bundle[f"findings/{folder}/judgement.json"])["runs"]
