"""A TAP report in parts (``multipart/mixed``): the report as JSON, then the bytes of each attachment as they are.

An attachment is named among the report's ``attachments`` by its ``filename``, without ``data``; its part carries the
same name. Together they are the same report as one JSON document, and are read as that.

Source: Akrites SIRT, TAP intake API, read 2026-11; RFC 2046, 5.1; RFC 2183.
"""

import base64
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any, Final

from clearinghouse.errors import Problem, Refused
from clearinghouse.strict import Limits, dump_canonical, load_json

MEDIA_TYPE: Final = "multipart/mixed"
MOST_PARTS: Final = 17
"""The report and sixteen attachments."""
_MOST_HEADER_BYTES: Final = 4096
_LONGEST_BOUNDARY: Final = 70


def report_of_parts(data: bytes, content_type: str, *, limits: Limits) -> bytes:
    """Return a report that came in parts as one JSON document.

    Raises:
        Refused: it is no such message, or its parts are not those of its attachments; with that interface's codes.
    """
    if len(data) > limits.size_bytes:
        raise _refused("field_too_large", "", f"the report is larger than {limits.size_bytes} bytes")
    parts = [_part(one) for one in _split(data, _boundary(content_type))]
    if not parts or parts[0][0].get_content_type() != "application/json":
        raise _refused("invalid_content_type", "", "the first part is no application/json: it holds the report")
    value: Any = load_json(parts[0][1], limits=limits)
    if not isinstance(value, dict):
        raise _refused("wrong_type", "", "the first part is no object: send one report")
    _fill(value.get("attachments"), parts[1:])
    return dump_canonical(value)


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["Content-Type"] = content_type
    found = header.get_boundary()
    if not found or len(found) > _LONGEST_BOUNDARY or not found.isascii():
        raise _refused("invalid_content_type", "", "multipart/mixed names no boundary of at most 70 characters")
    return found.encode()


def _split(data: bytes, boundary: bytes) -> list[bytes]:
    """Return the parts between the boundaries; nothing else is looked at."""
    line = b"\r\n--" + boundary
    pieces = (b"\r\n" + data).split(line, MOST_PARTS + 2)
    if len(pieces) > MOST_PARTS + 2:
        raise _refused("too_many_items", "attachments", f"there are more than {MOST_PARTS} parts")
    if not pieces[-1].startswith(b"--"):
        raise _refused("invalid_content_type", "", "the last part does not end with its boundary and two hyphens")
    return pieces[1:-1]


def _part(piece: bytes) -> tuple[Message, bytes]:
    """Return the headers and the bytes of one part."""
    before, blank, body = piece.partition(b"\r\n\r\n")
    if not blank or not before.startswith(b"\r\n") or len(before) > _MOST_HEADER_BYTES:
        raise _refused("invalid_content_type", "", "a part has no headers, or none that end within 4096 bytes")
    headers = BytesHeaderParser().parsebytes(before[2:] + b"\r\n\r\n")
    if str(headers.get("Content-Transfer-Encoding", "binary")).strip().lower() not in {"binary", "8bit", "7bit"}:
        raise _refused("invalid_content_type", "", "a part is encoded: send its bytes as they are")
    return headers, body


def _fill(attachments: object, parts: list[tuple[Message, bytes]]) -> None:
    """Put the bytes of each part into the attachment of its name."""
    waiting = {
        str(one["filename"]): one
        for one in (attachments if isinstance(attachments, list) else [])
        if isinstance(one, dict) and "filename" in one and "data" not in one
    }
    for headers, body in parts:
        name = headers.get_filename("")
        if name not in waiting:
            raise _refused(
                "invalid_filename", "attachments", f"a part is named {name[:80]!r}; no attachment waits for it"
            )
        waiting.pop(name)["data"] = base64.b64encode(body).decode()
    if waiting:
        missing = ", ".join(sorted(waiting))[:200]
        raise _refused("missing_field", "attachments.data", f"no part and no data came for {missing}")


def _refused(code: str, field: str, reason: str) -> Refused:
    return Refused((Problem(code, field, reason, ""),))
