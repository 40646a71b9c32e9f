"""Every setting, read from the environment once; docs/reference/settings.md explains each.

Nothing else reads the environment. Programs that were told another database call ``choose_database()`` first.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
CLEARINGHOUSE_EXHAUSTIVE = os.environ.get("CLEARINGHOUSE_EXHAUSTIVE", "") not in {"", "0", "no", "false"}
CLEARINGHOUSE_SANDBOX: str | None = os.environ.get("CLEARINGHOUSE_SANDBOX") or None
CLEARINGHOUSE_KEY = _file("CLEARINGHOUSE_KEY")
CLEARINGHOUSE_ORIGIN: str | None = os.environ.get("CLEARINGHOUSE_ORIGIN") or None

CLEARINGHOUSE_RETENTION = _file("CLEARINGHOUSE_RETENTION")
CLEARINGHOUSE_OIDC = _file("CLEARINGHOUSE_OIDC")
CLEARINGHOUSE_RECEIVERS = _file("CLEARINGHOUSE_RECEIVERS")
CLEARINGHOUSE_PROXIES = int(os.environ.get("CLEARINGHOUSE_PROXIES") or 0)
CLEARINGHOUSE_REQUESTS_A_MINUTE = int(os.environ.get("CLEARINGHOUSE_REQUESTS_A_MINUTE") or 1200)
CLEARINGHOUSE_URL = (os.environ.get("CLEARINGHOUSE_URL") or "http://127.0.0.1:8000").rstrip("/")

_POSTGRESQL = ("postgresql://", "postgres://")
_ROOMS = [
    "clearinghouse.ledger",
    "clearinghouse.parties",
    "clearinghouse.work",
    "clearinghouse.feeds",
    "clearinghouse.notices",
    "clearinghouse.findings",
    "clearinghouse.validation",
    "clearinghouse.deconfliction",
    "clearinghouse.cases",
    "clearinghouse.operation",
    "clearinghouse.sight",
    "clearinghouse.edges",  # whoever works signs and keeps files too; before allauth, for its templates come first
]
WEB_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
"""Loaded only by what serves pages, and by whoever brings the tables up to date."""

CLEARINGHOUSE_DATABASE: str
CLEARINGHOUSE_ARTEFACTS: Path | str
DATABASES: dict[str, dict[str, Any]]
INSTALLED_APPS: list[str]
TASKS: dict[str, dict[str, Any]]
CLEARINGHOUSE_SECRET: Path


def choose_database(database: str | Path, *, done_again: bool = False) -> None:
    """Point everything at ``database``: an SQLite file or ``postgresql://…``; called before Django is set up.

    Artefacts and the web's secret lie beside an SQLite file, and in the home of an installation on PostgreSQL, unless
    they are named.

    Args:
        database: the file or the address.
        done_again: whether whoever lost the last seconds by a power cut does them again; quicker on a file.
    """
    global CLEARINGHOUSE_DATABASE, CLEARINGHOUSE_ARTEFACTS, CLEARINGHOUSE_SECRET  # noqa: PLW0603 - settings are what a module holds
    global DATABASES, INSTALLED_APPS, TASKS  # noqa: PLW0603 - settings are what a module holds
    if str(database).startswith(_POSTGRESQL):
        CLEARINGHOUSE_DATABASE, beside = str(database), CLEARINGHOUSE_HOME
        DATABASES = {"default": _postgresql(CLEARINGHOUSE_DATABASE)}
        INSTALLED_APPS = [*_ROOMS, "procrastinate.contrib.django"]
        backend = "clearinghouse.work.queue.QueueBackend"
    else:
        file = Path(database).expanduser().absolute()
        CLEARINGHOUSE_DATABASE, beside = str(file), file.parent
        DATABASES = {"default": _sqlite(file, synchronous="NORMAL" if done_again else "FULL")}
        INSTALLED_APPS = list(_ROOMS)
        backend = "clearinghouse.work.backend.InProcessBackend"
    CLEARINGHOUSE_ARTEFACTS = _store("CLEARINGHOUSE_ARTEFACTS") or beside / "artefacts"
    CLEARINGHOUSE_SECRET = _file("CLEARINGHOUSE_SECRET") or beside / "web.secret"
    TASKS = {"default": {"BACKEND": backend, "QUEUES": [], "OPTIONS": {}}}


def serve_at(host: str, port: int) -> None:
    """Take the address that the server listens on as its own, unless people reach it by another, which is then set."""
    global CLEARINGHOUSE_URL, CLEARINGHOUSE_HOSTS  # noqa: PLW0603 - settings are what a module holds
    if not os.environ.get("CLEARINGHOUSE_URL"):
        CLEARINGHOUSE_URL = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        CLEARINGHOUSE_HOSTS = _hosts(CLEARINGHOUSE_URL)


def _hosts(url: str) -> list[str]:
    """Return the names under which requests may ask: the one people use, and this machine's own."""
    named = urlsplit(url).hostname
    return [f"[{named}]" if named and ":" in named else named or "localhost", "127.0.0.1", "localhost", "[::1]"]


def _sqlite(file: Path, *, synchronous: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # IMMEDIATE: who reads in order to write has the file from the start; a stale snapshot cannot fail late.
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON;",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    """Return Django's words for a ``postgresql://`` address, as libpq reads it (host, port, sslmode and so on)."""
    from psycopg.conninfo import conninfo_to_dict

    said = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    django = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    named = {ours: str(said.pop(theirs)) for ours, theirs in django.items() if theirs in said}
    return {
        "ENGINE": "clearinghouse.sight",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": said,
        **named,
    }


def _store(variable: str) -> Path | str | None:
    """Return the artefacts' store that ``variable`` names: a folder, or ``s3://…``."""
    named = os.environ.get(variable)
    return named if named and named.startswith("s3://") else _file(variable)


choose_database(os.environ.get("CLEARINGHOUSE_DATABASE") or CLEARINGHOUSE_HOME / "clearinghouse.sqlite3")
CLEARINGHOUSE_HOSTS = _hosts(CLEARINGHOUSE_URL)

AUTH_USER_MODEL = "parties.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
