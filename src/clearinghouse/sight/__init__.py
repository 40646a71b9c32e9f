"""The second wall: PostgreSQL itself shows nobody a row that the permission table does not let them read.

The first wall is ``visible_to()``; this one stands where somebody forgets it. SQLite has no such wall: whoever holds
the file holds everything in it. Source: docs/decisions/0104.
"""
