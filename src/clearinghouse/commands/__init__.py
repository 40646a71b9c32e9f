"""The ``clearinghouse`` command: one file per subject; each door parses, calls one action or query, and answers."""
