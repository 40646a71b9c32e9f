"""Every setting, read from the environment once; docs/reference/settings.md explains each.

Nothing else reads the environment. Programs that were told another database file call ``choose_database()`` first.
"""

import os
from pathlib import Path
from typing import Any

_ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0


def _folder(variable: str, *, for_root: str, for_others: str) -> Path:
    """Return the folder that ``variable`` names, else the usual place for this user."""
    return Path(os.environ.get(variable) or (for_root if _ROOT_USER else for_others)).expanduser().absolute()


def _file(variable: str) -> Path | None:
    """Return the file that ``variable`` names, if it names one."""
    named = os.environ.get(variable)
    return Path(named).expanduser().absolute() if named else None


CLEARINGHOUSE_HOME = _folder(
    "CLEARINGHOUSE_HOME", for_root="/var/lib/clearinghouse", for_others="~/.local/share/clearinghouse"
)
CLEARINGHOUSE_CACHE = _folder(
    "CLEARINGHOUSE_CACHE", for_root="/var/cache/clearinghouse", for_others="~/.cache/clearinghouse"
)
CLEARINGHOUSE_DATABASE = _file("CLEARINGHOUSE_DATABASE") or CLEARINGHOUSE_HOME / "clearinghouse.sqlite3"
CLEARINGHOUSE_ARTEFACTS = _file("CLEARINGHOUSE_ARTEFACTS") or CLEARINGHOUSE_DATABASE.parent / "artefacts"
CLEARINGHOUSE_EXHAUSTIVE = os.environ.get("CLEARINGHOUSE_EXHAUSTIVE", "") not in {"", "0", "no", "false"}
CLEARINGHOUSE_SANDBOX: str | None = os.environ.get("CLEARINGHOUSE_SANDBOX") or None
CLEARINGHOUSE_KEY = _file("CLEARINGHOUSE_KEY")
CLEARINGHOUSE_ORIGIN: str | None = os.environ.get("CLEARINGHOUSE_ORIGIN") or None

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(CLEARINGHOUSE_DATABASE),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # IMMEDIATE: who reads in order to write has the file from the start; a stale snapshot cannot fail late.
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}


def choose_database(path: Path) -> None:
    """Point the database at ``path`` and the artefacts beside it; called before Django is set up."""
    global CLEARINGHOUSE_DATABASE, CLEARINGHOUSE_ARTEFACTS  # noqa: PLW0603 - settings are what a module holds
    CLEARINGHOUSE_DATABASE = path.expanduser().absolute()
    CLEARINGHOUSE_ARTEFACTS = _file("CLEARINGHOUSE_ARTEFACTS") or CLEARINGHOUSE_DATABASE.parent / "artefacts"
    DATABASES["default"]["NAME"] = str(CLEARINGHOUSE_DATABASE)


INSTALLED_APPS = [
    "clearinghouse.ledger",
    "clearinghouse.parties",
    "clearinghouse.work",
    "clearinghouse.feeds",
    "clearinghouse.findings",
    "clearinghouse.validation",
    "clearinghouse.cases",
]

TASKS = {
    "default": {
        "BACKEND": "clearinghouse.work.backend.InProcessBackend",
        "QUEUES": [],
        "OPTIONS": {},
    }
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
