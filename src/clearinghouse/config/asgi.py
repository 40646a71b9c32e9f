"""The server as an ASGI application, made once Django is set up with ``config/web.py``."""

from django.core.asgi import get_asgi_application
from django.core.checks import Error, run_checks

from clearinghouse.edges.bodies import BoundedBodies
from clearinghouse.errors import NotPossible


def make_application() -> BoundedBodies:
    """Return the application, ready to serve.

    Raises:
        NotPossible: an address does not say whom it serves, or another check fails; each is named.
    """
    application = get_asgi_application()
    wrong = [one for one in run_checks() if one.level >= Error("").level]
    if wrong:
        raise NotPossible("the server does not start: " + "; ".join(str(one.msg) for one in wrong))
    return BoundedBodies(application)
