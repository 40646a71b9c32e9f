"""The room's operations of the API."""
