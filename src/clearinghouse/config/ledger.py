"""The API's operations about the ledger, which lies below the edges and so has no door of its own."""

import base64

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.ledger import queries

router = Router(tags=["ledger"])


class CheckpointShown(Schema):
    """The word of the ledger on itself."""

    origin: str
    size: int
    root: str = Field(description="base64")


class ProofShown(Schema):
    """Hashes that prove something of the tree, in base64. Source: RFC 6962."""

    size: int
    leaf: str = Field(default="", description="The entry's leaf, in base64; empty for a proof of consistency.")
    hashes: list[str]


class Between(Given):
    """Two sizes of the tree."""

    old: int = Field(ge=1, le=2**62)
    new: int = Field(ge=1, le=2**62)


@router.get(
    "/ledger/checkpoint", response={200: CheckpointShown} | REFUSALS, operation_id="checkpoint", summary="Show its head"
)
@door("ledger:event:read")
def checkpoint(request: HttpRequest) -> CheckpointShown:
    """Return how many entries there are and the root of the tree over them."""
    queries.events_for(actor_of(request))
    now = queries.checkpoint(origin=settings.CLEARINGHOUSE_ORIGIN)
    return CheckpointShown(origin=now.origin, size=now.size, root=_text(now.root))


@router.get(
    "/ledger/entries/{entry}/proof",
    response={200: ProofShown} | REFUSALS,
    operation_id="inclusion_proof",
    summary="Prove that an act is in the ledger",
)
@door("ledger:event:read")
def inclusion_proof(request: HttpRequest, entry: str, size: int = 0) -> ProofShown:
    """Return the path from an entry (its index, or the id of its event) to the root of a size; 0: as it is now."""
    queries.events_for(actor_of(request))
    found, whole = queries.entry_of(entry[:40]), size or queries.size()
    hashes = queries.inclusion_proof(found.seq, whole)
    return ProofShown(size=whole, leaf=_text(bytes(found.leaf)), hashes=[_text(one) for one in hashes])


@router.get(
    "/ledger/consistency",
    response={200: ProofShown} | REFUSALS,
    operation_id="consistency_proof",
    summary="Prove that nothing was rewritten",
)
@door("ledger:event:read")
def consistency_proof(request: HttpRequest, between: Query[Between]) -> ProofShown:
    """Return the proof that the tree of the old size is the beginning of that of the new one."""
    queries.events_for(actor_of(request))
    hashes = queries.consistency_proof(between.old, between.new)
    return ProofShown(size=between.new, hashes=[_text(one) for one in hashes])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
