"""The answer as a page by itself: no script, no outside address, every foreign text escaped."""

from collections.abc import Sequence
from html import escape

from clearinghouse.exposure.queries import Inventory
from clearinghouse.exposure.rules import Exposed, Exposure, Touch, in_short, today, until_then

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin:0}section{border:1px solid #a9aeb1;border-left:.5rem solid #565c65;
padding:1rem;margin:1rem 0;border-radius:.25rem}section.affected{border-left-color:#b50909}
.band{font-weight:700}.place{color:#565c65;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.9rem}
.today{background:#e7f6f8;padding:.5rem;margin:.5rem 0}li{margin:.25rem 0}
"""


def page(found: Sequence[Exposed], inventory: Inventory) -> str:
    """Return the page."""
    body = [f"<h1>{escape(in_short(found, looked_at=len(inventory.components)))}</h1>"]
    body += [_section(one) for one in found]
    body += _remarks("Without a package name that is certain (no purl)", [one.name for one in inventory.unnamed])
    body += _remarks("Could not be read", inventory.unread)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>What the cases touch here</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _section(one: Exposed) -> str:
    name = escape(f"{one.component.name} {one.component.version}")
    workarounds = "".join(f"<li>{escape(text)}</li>" for text in until_then(one))
    return (
        f'<section class="{"affected" if one.is_affected else "unknown"}"><h2>{name}</h2>'
        f'<p class="place">{escape(one.component.place)}</p>'
        f'<p class="today"><strong>Today:</strong> {escape(today(one))}</p>'
        + (f"<p>Until then:</p><ul>{workarounds}</ul>" if workarounds else "")
        + f"<ul>{''.join(map(_touch, one.touches))}</ul></section>"
    )


def _touch(one: Touch) -> str:
    says = one.why if one.exposure is Exposure.UNKNOWN else ""
    parts = [
        f'<span class="band">{escape(one.case.band)}</span> {escape(one.case.title)}',
        escape(", ".join(one.case.record.aliases)),
        escape(f"may be affected: {says}") if says else "",
        escape(f"by when (BOD 26-04): {one.case.clock}") if one.case.clock else "",
        "a person has yet to confirm it" if one.case.to_confirm else "",
    ]
    return "<li>" + " · ".join(part for part in parts if part) + "</li>"


def _remarks(title: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return []
    return [f"<h2>{title}</h2><ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"]
