"""Keys, envelopes and statements: what we sign, and how others check it without our code.

A *statement* says of named files, by digest, what was found (in-toto Statement v1); an *envelope* carries it with a
signature over its exact bytes (DSSE v1); a *key* is Ed25519, and its *key id* is the one securesystemslib and TUF
would give it. Nothing here knows Django, a clock or a random source. Source: docs/decisions/0050.
"""
