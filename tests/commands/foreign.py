"""Text of a stranger who would like to write to our terminal."""

MARKUP = "[/] [red]x [bold"
TITLE = "\x1b]0;mine\x07"
WICKED = f"{MARKUP} {TITLE}\x1b[2J\r\x9b31m\u202e\nrefused: nothing"


def is_harmless(said: str) -> bool:
    """Say whether nothing in what was printed would be obeyed, and the markup stands there as text."""
    obeyed = [one for one in said if not one.isprintable() and one != "\n"]
    return not obeyed and "\nrefused: nothing" not in said
