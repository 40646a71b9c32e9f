"""Writes organizations and their acts for ever, telling each one on stdout after it is committed; to be killed."""

import sys
from pathlib import Path
from uuid import uuid4

from clearinghouse.commands.django import start


def main() -> None:
    """Write until killed."""
    start(Path(sys.argv[1]))
    from django.db import transaction

    from tests.ledger.makers import an_act, an_organization

    while True:
        pk = uuid4()
        with transaction.atomic():
            an_act(an_organization(f"organization {pk}", pk=pk))
        print(pk, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
