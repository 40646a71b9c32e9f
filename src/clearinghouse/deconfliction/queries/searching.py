"""Searching the index: what meets a target, by whatever name, and what is known to be whose."""

from uuid import UUID

from clearinghouse.deconfliction.models import Ownership
from clearinghouse.deconfliction.queries.places import near
from clearinghouse.deconfliction.rules import binding
from clearinghouse.deconfliction.rules.lifecycle import OwnershipState
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.deconfliction.rules.windows import ALWAYS


def owns_whole(organization: UUID, target: Target) -> bool:
    """Say whether all of a target is known to be an organization's; for actions, beyond sight."""
    found = near((target,), ALWAYS, of=("ownership",), is_bounded=False)
    rows = Ownership.objects.filter(
        pk__in={one.subject_id for one in found}, organization=organization, state=OwnershipState.VERIFIED
    )
    return binding.is_within(target, [target_of(one) for one in rows.values_list("target", flat=True)])
