"""Makes, in a database that no server works on yet, two finders and prints a token of each, and a narrow one."""

import sys


def main(database: str) -> None:
    """Write the rows and print the tokens."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.permissions.rules import Role
    from tests.parties.makers import a_person, a_token, right_now

    at = right_now()
    finder, other = a_person(Role.FINDER, at=at), a_person(Role.FINDER, at=at)
    everything = ("deconfliction", "findings", "validation", "parties")
    tokens = (
        a_token(finder, *everything, at=at),
        a_token(other, *everything, at=at),
        a_token(finder, "parties", at=at),
    )
    print(*tokens)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
