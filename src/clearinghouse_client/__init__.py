"""A small typed client of a clearinghouse's API, for agents and other programs; it imports nothing of the server."""
