"""The API at ``/api/v1``: every room's operations, in one place."""

from clearinghouse.advisories.api import router as advisories
from clearinghouse.cases.api.cases import router as cases
from clearinghouse.cases.api.leaving import router as leaving
from clearinghouse.cases.api.queue import router as queue
from clearinghouse.cases.api.requests import router as requests
from clearinghouse.cases.tap import router as tap_reports
from clearinghouse.config.ledger import router as ledger
from clearinghouse.deconfliction.api.coverage import router as coverage
from clearinghouse.deconfliction.api.exchange import router as exchange
from clearinghouse.deconfliction.api.intents import router as intents
from clearinghouse.deconfliction.api.meetings import router as meetings
from clearinghouse.deconfliction.api.owners import router as owners
from clearinghouse.deconfliction.api.probes import router as probes
from clearinghouse.deconfliction.api.subscriptions import router as subscriptions
from clearinghouse.edges.rest import make_api
from clearinghouse.findings.api import router as findings
from clearinghouse.notices.api import router as notices
from clearinghouse.operation.api import router as installation
from clearinghouse.parties.api.consultations import router as consultations
from clearinghouse.parties.api.people import router as parties
from clearinghouse.parties.api.terms import router as terms
from clearinghouse.validation.api import router as validation

api = make_api(
    title="Clearinghouse",
    version="v1",
    description=(
        "What parties and the office do, for programs. What the command line does to the machine it runs on has no "
        "operation. Refusals are RFC 9457 problem documents."
    ),
)
_ROUTERS = (
    findings,
    validation,
    advisories,
    queue,
    cases,
    requests,
    leaving,
    probes,
    parties,
    terms,
    consultations,
    notices,
    ledger,
    installation,
    intents,
    owners,
    coverage,
    exchange,
    subscriptions,
    meetings,
)
for router in _ROUTERS:
    api.add_router("", router)

tap = make_api(
    title="Clearinghouse intake",
    version="tap-v1",
    description="The intake that Akrites SIRT describes (TAP), and what became of a report, to whom it may be told.",
)
tap.add_router("", tap_reports)
