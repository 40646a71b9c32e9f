"""The REST door of cases, by subject."""
