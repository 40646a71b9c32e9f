"""A JSON column that keeps every text that Python has, on both databases.

PostgreSQL's ``jsonb`` takes neither U+0000 nor half of a surrogate pair, and what a target printed may hold both. There
they are kept as U+F8FF and four hex digits, and so is U+F8FF itself; what is read is what was written.
"""

import json
import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_MARK = "\uf8ff"
_WRITTEN = re.compile(
    r"\\\\"  # a backslash of the text itself: what follows is no escape
    r"|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}"  # a whole pair is one character
    r"|\\u(?P<code>0000|f8ff|d[89a-f][0-9a-f]{2})"
)
_READ = re.compile(_MARK + r"([0-9a-f]{4})")


def _dumped(value: Any, encoder: type[json.JSONEncoder] | None) -> str:  # noqa: ANN401 - whatever JSON holds
    text = json.dumps(value, cls=encoder)
    return _WRITTEN.sub(lambda found: rf"\uf8ff{found['code']}" if found["code"] else found[0], text)


def _restored(text: str) -> str:
    return _READ.sub(r"\\u\1", text) if _MARK in text else text


class Document(models.JSONField):
    """Plain data as JSON."""

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - Django's signature
        """Return ``value`` as the database's driver wants it."""
        if connection.vendor != "postgresql" or value is None or isinstance(value, models.Value | models.Expression):
            return super().get_db_prep_value(value, connection, prepared)
        from psycopg.types.json import Jsonb

        return Jsonb(value, dumps=lambda plain: _dumped(plain, self.encoder))

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:  # noqa: ANN401 - Django's signature
        """Return what was written."""
        if connection.vendor == "postgresql" and isinstance(value, str):
            value = _restored(value)
        return super().from_db_value(value, expression, connection)

    def deconstruct(self) -> Any:  # noqa: ANN401 - Django's signature
        """Call itself Django's own field: the column is the same, and migrations import nothing of ours."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options
