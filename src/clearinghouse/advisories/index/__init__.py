"""``index.json``: its shape, its schema, and how it is built."""
