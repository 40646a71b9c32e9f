"""A bare Django application for comparison: it finds whose token asks, reads or inserts one row, and answers as JSON.

``python -m bench.loading.bare DATABASE PORT``, on a PostgreSQL database with the tables of ``serving.bare_webs``.
"""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import django
import uvicorn
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path


def look(request: HttpRequest) -> JsonResponse:
    """Return the row of whoever asks."""
    return _answered(request, "SELECT id, name FROM bare_person WHERE id = %s")


def write(request: HttpRequest) -> JsonResponse:
    """Insert a row of whoever asks."""
    said = str(json.loads(request.body)["contact"])
    return _answered(request, "INSERT INTO bare_row (person, said) VALUES (%s, %s) RETURNING id, said", said)


def _answered(request: HttpRequest, statement: str, *values: str) -> JsonResponse:
    from django.db import connection

    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT person FROM bare_token WHERE secret = %s", [secret])
        found = cursor.fetchone()
        if found is None:
            return JsonResponse({"title": "sign in"}, status=401)
        cursor.execute(statement, [found[0], *values])
        number, text = cursor.fetchone()
    return JsonResponse({"id": number, "text": text})


urlpatterns = [path("look", look), path("write", write)]


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
