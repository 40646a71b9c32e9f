"""Makes, in a database that no server works on yet, a finder with a token and a webhook; prints token and webhook."""

import sys


def main(database: str, url: str) -> None:
    """Write the rows and print what a program needs."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.permissions.rules import Role
    from tests.notices.makers import a_webhook
    from tests.parties.makers import a_person, a_token, right_now

    person = a_person(Role.FINDER, at=right_now())
    print(a_token(person, "notices", "parties", at=right_now()), a_webhook(person, url=url).pk)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
