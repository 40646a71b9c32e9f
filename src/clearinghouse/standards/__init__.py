"""Outside formats and decision tables: each file reads and writes one of them, purely.

A reader takes a value that ``strict`` has already loaded and returns frozen dataclasses, or raises `Malformed`; a
writer returns JSON types. Terms are those of the standard that the file's first lines name.
"""
