"""Checks of a patch, by running: what it stops, what it keeps, what it reaches, and what it must not do.

``check`` puts the checks in order and ``verdict`` says what they come to; each other module is one subject.
"""
