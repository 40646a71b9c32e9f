"""What the log says of a request: method, route and status, never the address, which may carry the secret of a link."""

import logging
from http import HTTPStatus


class RouteOnly(logging.Filter):
    """Rewrites what Django says of a request that was refused or broke."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its address."""
        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        match = getattr(request, "resolver_match", None)
        record.route = match.route if match is not None else "none of ours"
        record.method = str(getattr(request, "method", ""))
        if status is not None:
            record.status = int(status)
        record.msg, record.args = (HTTPStatus(status).phrase if status else "request"), ()
        return True


def log_routes_only() -> None:
    """Log requests like this from now on."""
    for name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
        logging.getLogger(name).addFilter(RouteOnly())
