"""How requests come in and refusals go out."""
