"""The API at ``/api/v1``: every room's operations, in one place."""

from clearinghouse.edges.rest import make_api
from clearinghouse.parties.api import router as parties

api = make_api(
    title="Clearinghouse",
    version="v1",
    description="Everything that the command line can do, for programs; refusals are RFC 9457 problem documents.",
)
api.add_router("", parties)
