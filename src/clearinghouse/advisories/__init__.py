"""Advisories: what is written of cases, for programs and for people.

A *dossier* is everything known of one case, as plain facts; from it come the CSAF and OSV drafts, the page, the entry
in ``index.json`` and the *evidence bundle*: all that is needed to run the proofs again, signed as a whole.
Source: CSAF 2.0; OSV 1.7.4; in-toto Statement v1; docs/decisions/0054, 0055.
"""
