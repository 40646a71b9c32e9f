"""The REST door of parties, by subject."""
