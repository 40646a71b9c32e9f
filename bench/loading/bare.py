"""A bare Django application for comparison: it finds whose token asks, reads one row, and answers it as JSON.

``python -m bench.loading.bare DATABASE PORT``, on a PostgreSQL database with the table ``bare_token``.
"""

import sys
from urllib.parse import parse_qs, urlsplit

import django
import uvicorn
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path


def look(request: HttpRequest) -> JsonResponse:
    """Return the row of whoever asks."""
    from django.db import connection

    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT person FROM bare_token WHERE secret = %s", [secret])
        found = cursor.fetchone()
        if found is None:
            return JsonResponse({"title": "sign in"}, status=401)
        cursor.execute("SELECT id, name FROM bare_person WHERE id = %s", [found[0]])
        number, name = cursor.fetchone()
    return JsonResponse({"id": number, "name": name})


urlpatterns = [path("look", look)]


def main(database: str, port: int) -> None:
    """Serve it on loopback."""
    parts = urlsplit(database)
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.strip("/"),
                "USER": parts.username,
                "HOST": parse_qs(parts.query)["host"][0],
                "OPTIONS": {"pool": {"min_size": 1, "max_size": 16}},
            }
        },
    )
    django.setup()
    from django.core.asgi import get_asgi_application

    uvicorn.run(get_asgi_application(), host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
