"""What programs send about scans: closed, so that nobody believes something was taken which was not."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from clearinghouse.deconfliction.rules.announcing import Announcement, announcement_of
from clearinghouse.deconfliction.rules.awareness import MOST_KEYS
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Written
from clearinghouse.deconfliction.rules.windows import Times, times_of
from clearinghouse.edges.given import Given

_EXAMPLE = {"kind": "software", "package": "pkg:pypi/pyyaml", "versions": "vers:pypi/<6.0.2", "paths": "lib/**"}


class ScanWords(Given):
    """What is said of a scan, but for when."""

    technique: str = Field(max_length=60, examples=["fuzzing"], description="Of the table; see /techniques.")
    targets: list[Written] = Field(min_length=1, examples=[[_EXAMPLE]], description="As data, or as one word each.")
    contact: str = Field(description="Whom to reach while it runs: mailto:, tel: or https:.")
    rate_per_second: int | None = Field(None, description="Requests or packets, at most.")
    visibility: Visibility = Visibility.EVERYONE
    sources: list[str] = Field(
        [],
        description="Public blocks of addresses that it comes from, /16 (IPv6: /32) at the widest; "
        "of a scan that sends something to live systems, and of no other.",
    )
    scanner_key: str = Field("", max_length=100, description="Its Ed25519 public key, in base64.")


class ScanWanted(ScanWords):
    """A scan as it is meant."""

    starts_at: datetime
    ends_at: datetime = Field(description="Not included; at most 30 days later, and then renew it.")

    def announcement(self) -> Announcement:
        """Return it for the rules.

        Raises:
            Refused: some of it cannot be; everything that cannot is named.
        """
        return announcement_of(
            technique=self.technique,
            targets=self.targets,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            contact=self.contact,
            rate_per_second=self.rate_per_second,
            visibility=self.visibility,
            sources=self.sources,
            scanner_key=self.scanner_key,
        )


class AdviceWanted(ScanWanted):
    """A scan that meets others, and how it could be divided."""

    parts: dict[str, int] = Field({}, description="Folders of its one package or repository: how much there is to do.")
    willing: list[UUID] = Field([], description="Organizations that would divide it; none: your own.")
    able: dict[UUID, list[str]] = Field(
        {}, description="By which techniques each of the willing can, the liked ones first; who is not named: by all."
    )


class Seeing(Given):
    """What was seen."""

    seen: list[str] = Field([], max_length=MOST_KEYS, description="Version keys of everything that it meets.")


class IntentWanted(ScanWanted):
    """A scan that is announced."""

    seen: list[str] = Field([], max_length=MOST_KEYS, description="Version keys of everything that it meets.")
    begin: Literal["accepted", "draft", "emergency"] = Field(
        "accepted", description="A draft is seen by nobody else; an emergency needs no keys, and tells everybody."
    )
    why: str = Field("", max_length=4000, description="Of an emergency: why it cannot wait.")


class Renewal(Seeing):
    """Until when a scan is to last."""

    ends_at: datetime


class Reason(Given):
    """Why."""

    why: str = Field("", max_length=4000)


class TimesWanted(Given):
    """When scans may run."""

    windows: list[tuple[datetime, datetime]] = Field([], max_length=100)
    weekly: list[tuple[int, int]] = Field(
        [], max_length=100, description="From and until, in minutes from Monday 00:00 UTC."
    )

    def times(self) -> Times:
        """Return them for the rules.

        Raises:
            Malformed: they are none.
        """
        spans = [[start.isoformat(), end.isoformat()] for start, end in self.windows]
        return times_of({"windows": spans, "weekly": self.weekly})


class ConstraintWanted(Given):
    """What an owner asks of whoever scans a target."""

    says: ConstraintKind
    target: Written
    techniques: list[str] = Field([], max_length=50, description="For which it holds; empty: for all.")
    times: TimesWanted | None = Field(None, description="For only-in-windows alone.")
    rate_per_second: int | None = Field(None, description="For at-most-rate alone.")
    why: str = Field("", max_length=4000, description="Shown to whoever meets it.")
    contact: str = Field(
        "", max_length=300, description="Whom scanners ask about it: mailto:, tel: or https:; ask-first needs one."
    )


class AuthorisationWanted(Given):
    """That another organization may scan what is one's own."""

    scanner: str = Field(max_length=200, description="The other organization's id.")
    targets: list[Written] = Field(min_length=1)
    starts_at: datetime
    ends_at: datetime
    techniques: list[str] = Field([], max_length=50, description="Which; empty: every one.")
    rate_per_second: int | None = None
    reference: str = Field("", max_length=300, description="Your own: a contract, a ticket.")


class OwnershipWanted(Given):
    """That something is one's own."""

    target: Written
    criticality: int = Field(description="1 (hardly matters) to 5 (much depends on it).")
    evidence: str = Field(max_length=4000, description="What shows it: a record in a registry, a file put in place.")
    contact: str = Field("", max_length=300, description="Whom scanners ask for an authorisation.")


class SubscriptionWanted(Given):
    """A target that is to be watched."""

    target: Written
    techniques: list[str] = Field([], max_length=50, description="Of scans that you want to hear of; empty: every one.")


class MappingWanted(Given):
    """That a package is built from a repository."""

    package: str = Field(max_length=1500, examples=["pkg:pypi/pyyaml"])
    url: str = Field(max_length=500, examples=["https://github.com/yaml/pyyaml"])
    folder: str = Field("", max_length=256, description="Where in it; empty: all of it.")


class Published(Given):
    """That findings are published."""

    where: str = Field(max_length=300, examples=["https://example.org/advisory"], description="Where one reads them.")


class TriedWanted(Given):
    """What was tried of one target."""

    target: Written
    version: str = Field("", description="The version or commit that was tried.")
    is_complete: bool = True
    findings: int | None = Field(
        None, ge=0, le=1_000_000, description="How many came of it; told once they are published."
    )
