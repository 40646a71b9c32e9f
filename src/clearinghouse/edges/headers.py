"""Headers that every answer carries, beside those of Django's own middleware."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Source: OWASP ASVS 5.0, 3.4 and 3.5."""


class HeadersMiddleware(MiddlewareMixin):
    """Adds them; nothing is kept by browsers or proxies unless the answer itself says so."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # noqa: ARG002
        """Return the answer with its headers."""
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Cookie"])  # everywhere, so that it tells nothing
        return response
