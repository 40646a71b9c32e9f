"""Attacks on the server: what is asked of it that it must not answer, and must not break by."""
