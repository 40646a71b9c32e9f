"""The one mark that plain sentences carry into pages: what stands between backticks is something to type."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_TYPED = re.compile(r"`([^`]+)`")


@register.filter
def marked(text: str) -> SafeString:
    """Return a sentence as HTML: escaped first, then with its marks as ``code``."""
    return mark_safe(_TYPED.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - nothing foreign is left unescaped
