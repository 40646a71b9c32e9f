"""Foreign text on its way to a terminal."""


def plain(text: object) -> str:
    """Return foreign text on one line, without anything that a terminal would obey.

    Control characters (among them ESC, line ends, and marks that turn the direction of writing) become U+FFFD. Markup
    of rich is another matter: where rich prints, such text goes into a ``rich.text.Text``, which reads none.
    """
    return "".join(one if one.isprintable() else "\ufffd" for one in str(text))
