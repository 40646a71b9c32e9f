"""Django's PostgreSQL, telling each transaction who asks (Django looks for this class in a module of this name).

The word is given inside the transaction and ends with it, so no connection that is used again remembers it.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg import Cursor

from clearinghouse.sight.asking import NOBODY, who_asks

_TELL = "SELECT set_config('clearinghouse.actor', %s, true)"
_ON_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "DECLARE", "(")
"""How statements begin that read or change rows; all others need no word, and some want no transaction."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that tells PostgreSQL who asks, before the first statement of a transaction and after a change."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **options)
        self._told = NOBODY
        self.execute_wrappers.append(self._telling)

    def _telling(
        self,
        execute: Callable[..., Any],
        sql: Any,  # noqa: ANN401 - text, or a composition of psycopg
        params: Any,  # noqa: ANN401 - whatever the statement takes
        many: bool,  # noqa: FBT001 - Django's signature
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - Django's answer
        """Run a statement for whoever asks; outside of a transaction it gets one of its own."""
        asks = who_asks()
        if asks == self._told or not str(sql).lstrip().upper().startswith(_ON_ROWS):
            return execute(sql, params, many, context)
        if self.get_autocommit():
            with transaction.atomic(using=self.alias):
                self._tell(asks)
                return execute(sql, params, many, context)
        if not self.needs_rollback:
            self._tell(asks)
        return execute(sql, params, many, context)

    def _tell(self, asks: str) -> None:
        with self.wrap_database_errors:
            Cursor(self.connection).execute(_TELL, [asks], prepare=True)
        self._told = asks

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs know only what is public
        self._told = NOBODY

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs know only what is public
        self._told = NOBODY

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]  # the stubs know only what is public
        self._told = NOBODY

    def _savepoint_rollback(self, sid: str) -> None:
        """Roll back to a savepoint; what was told since is forgotten there, so it is told again."""
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs know only what is public
        self._told = _UNKNOWN

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]  # the stubs know only what is public
        self._told = NOBODY


_UNKNOWN = "?"
"""Never what anybody is told, so the next statement tells."""
