"""Every read of cases: what joining knows, cases and joins, and the order of work."""
