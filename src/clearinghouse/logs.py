"""Structured logs: one JSON object a line on stderr, with what happened and nothing that is secret.

What is logged is chosen by name: time, level, logger, message, and a few facts that carry no matter of a case.
Passwords in addresses are taken out wherever they stand.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

FACTS = ("task", "attempts", "seconds", "count", "size", "status", "method", "route", "request_id", "worker", "action")
"""Names of extra facts that may stand in a line."""
_LONGEST = 4000
_PASSWORD = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]*@", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?P<name>bearer|token|password|secret|authorization|cookie)(?P<between>[\"']?\s*[:= ]\s*)\S+", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """Return ``text`` with the passwords and tokens that can be told by their looks taken out."""
    text = _PASSWORD.sub(r"\g<before>:***@", text)
    return _TOKEN.sub(r"\g<name>\g<between>***", text)


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON; line breaks cannot forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage())[:_LONGEST],
        }
        line |= {
            name: getattr(record, name) for name in FACTS if isinstance(getattr(record, name, None), str | int | float)
        }
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))[-_LONGEST:]
        return json.dumps(line)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log like this from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # its INFO costs a millisecond a job
    logging.getLogger("django.tasks").setLevel(logging.WARNING)
