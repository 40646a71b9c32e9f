"""Evidence bundles: a folder with all that is needed to run a case's proofs again, and a signed statement over it.

Every file but the statement's own envelope is a subject of the statement, by digest; a file more or a file less is
found. No key lies in a bundle: one that came along with it would prove nothing. Source: docs/decisions/0055.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from clearinghouse.advisories.index.building import dump_pretty
from clearinghouse.advisories.rules import Dossier, Reported, Tool
from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Malformed
from clearinghouse.signing.envelopes import IN_TOTO_PAYLOAD, open_envelope, parse_envelope, seal
from clearinghouse.signing.keys import SigningKey, VerifyingKey
from clearinghouse.signing.statements import Statement, parse_statement
from clearinghouse.validation.rules import Judgement
from clearinghouse.validation.shapes import dump

CARRIED = "releases/"
STATEMENT_FILE = "statement.dsse.json"
PREDICATE_TYPE = "https://clearinghouse.invalid/attestation/evidence/v1"

_README = """This folder holds the evidence for one case: reports, proofs, patches, what every run showed, and a signed
statement over all of it (in-toto Statement v1 in a DSSE envelope, Ed25519).

Check it and run the proofs again, without any database:

    clearinghouse verify FOLDER --key KEY

Where it holds a folder `releases`, that needs no network. What an index says of a release is then the signer's
word; with `--from-indexes` the releases come from their indexes.

Get KEY (the public key of whoever gave you this) by another way than this folder: a key that comes along with a bundle
proves nothing, and is refused.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding in a bundle, ready to be judged again."""

    key: str
    name: str
    report: Mapping[str, Any]
    files: Mapping[str, bytes]
    digests: Mapping[str, str]
    judgement: Mapping[str, Any]
    environments: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature and hashes hold."""

    case: str
    tool: Mapping[str, Any]
    evidence: tuple[Evidence, ...]
    releases: Mapping[str, bytes]
    """What it carries of releases and their dependencies, by name; empty when that must be fetched."""


def bundle_of(
    dossier: Dossier,
    *,
    artefacts: Artefacts,
    tool: Tool,
    signer: SigningKey,
    releases: Mapping[str, bytes] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Return the files of a case's evidence bundle by name, its signed statement among them.

    Args:
        dossier: the case.
        artefacts: where the reports' files are kept.
        tool: what made it.
        signer: the key that the statement is signed with.
        releases: what the bundle carries so that it can be run again without a network.

    Raises:
        NotFound: an artefact of a finding is no longer kept.
    """
    files = {"README.txt": _README.encode(), "case.json": dump_pretty(_case(dossier))}
    for one in dossier.reports:
        files |= {f"findings/{one.key[:16]}/{name}": data for name, data in _finding(one, artefacts).items()}
    files |= {f"{CARRIED}{name}": data for name, data in releases.items()}
    statement = Statement(
        subjects={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        predicate_type=PREDICATE_TYPE,
        predicate={
            "case": dossier.key,
            "package": dossier.package,
            "tool": {"name": tool.name, "version": tool.version, "policy": tool.policy},
            "findings": [_verdict(one) for one in dossier.reports],
        },
    )
    sealed = seal(statement.dump(), payload_type=IN_TOTO_PAYLOAD, key=signer)
    return files | {STATEMENT_FILE: sealed.dump()}


def _case(dossier: Dossier) -> dict[str, Any]:
    return {
        "key": dossier.key,
        "public_id": dossier.public_id,
        "package": dossier.package,
        "title": dossier.title,
        "joins": [
            {
                "finding": one.key,
                "joined_to": one.joined_to,
                "how": one.how,
                "reason": one.reason,
                "evidence": one.evidence,
            }
            for one in dossier.reports
        ],
    }


def _finding(one: Reported, artefacts: Artefacts) -> dict[str, bytes]:
    found = {
        "report.json": dump_pretty(one.report),
        "judgement.json": dump_pretty(dump(one.judgement)),
        "ranges.json": dump_pretty(dump(one.releases) if one.releases else None),
        "patches.json": dump_pretty([dump(patch) for patch in one.patches]),
        "finding.json": dump_pretty(
            {
                "key": one.key,
                "finder": one.finder,
                "id": one.ref,
                "source": one.source,
                "received_at": one.received_at.isoformat(),
                "files": dict(sorted(one.artefacts.items())),
                "environments": {purl: list(digests) for purl, digests in sorted(one.environments.items())},
            }
        ),
    }
    return found | {f"files/{name}": artefacts.get(digest) for name, digest in sorted(one.artefacts.items())}


def _verdict(one: Reported) -> dict[str, Any]:
    judgement: Judgement = one.judgement
    return {
        "finding": one.key,
        "finder": one.finder,
        "id": one.ref,
        "outcome": judgement.outcome,
        "grade": judgement.grade,
        "detector": judgement.detector,
        "target": judgement.target,
        "fixed": judgement.fixed,
    }


def open_bundle(files: Mapping[str, bytes], *, key: VerifyingKey) -> Bundle:
    """Return what a bundle holds, once the signature and every hash hold.

    Args:
        files: every file in the folder, by relative POSIX path.
        key: the signer's public key, had by another way.

    Raises:
        Malformed: the statement is missing, the signature does not hold, or a file was changed, added or taken away;
            every such file is named.
    """
    if STATEMENT_FILE not in files:
        raise Malformed(f"there is no {STATEMENT_FILE} here; this is not an evidence bundle")
    envelope = parse_envelope(files[STATEMENT_FILE])
    statement = parse_statement(open_envelope(envelope, payload_type=IN_TOTO_PAYLOAD, key=key))
    if statement.predicate_type != PREDICATE_TYPE:
        raise Malformed(f"the statement says {statement.predicate_type}; an evidence bundle says {PREDICATE_TYPE}")
    trouble = _trouble(files, statement)
    if trouble:
        raise Malformed("; ".join(trouble))
    try:
        return _opened(files, statement)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Malformed(f"what the statement signs has not the shape of an evidence bundle: {fault!r}") from None


def _trouble(files: Mapping[str, bytes], statement: Statement) -> list[str]:
    there = {name: data for name, data in files.items() if name != STATEMENT_FILE}
    changed = [
        f"{name} was changed"
        for name, data in sorted(there.items())
        if name in statement.subjects and hashlib.sha256(data).hexdigest() != statement.subjects[name]
    ]
    added = [f"{name} is not in the signed statement" for name in sorted(set(there) - set(statement.subjects))]
    missing = [f"{name} is missing" for name in sorted(set(statement.subjects) - set(there))]
    return changed + added + missing


def _opened(files: Mapping[str, bytes], statement: Statement) -> Bundle:
    from clearinghouse.strict import load_json

    evidence = []
    for verdict in statement.predicate["findings"]:
        folder = f"findings/{verdict['finding'][:16]}/"
        kept = load_json(files[folder + "finding.json"])
        evidence.append(
            Evidence(
                key=kept["key"],
                name=f"{kept['finder']}/{kept['id']}",
                report=load_json(files[folder + "report.json"]),
                files={name: files[f"{folder}files/{name}"] for name in kept["files"]},
                digests=kept["files"],
                judgement=load_json(files[folder + "judgement.json"]),
                environments={purl: tuple(digests) for purl, digests in kept["environments"].items()},
            )
        )
    return Bundle(
        case=statement.predicate["case"],
        tool=statement.predicate["tool"],
        evidence=tuple(evidence),
        releases={name.removeprefix(CARRIED): data for name, data in files.items() if name.startswith(CARRIED)},
    )
