"""Which of an operator's packages the cases touch, and what to do today.

A *component* is a package in use, in one place; it is *affected* when a case names its version, *unknown* when nobody
could tell, and of no interest otherwise. Everything is read from files: no database and no account is needed.
"""
