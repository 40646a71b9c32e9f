"""The kinds of text a report is made of, each with its bounds, and the refusals they give.

Every refusal is a pydantic error whose type is our stable code and whose context holds the fix.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl, vers

LINE_CHARACTERS = 200
PROSE_CHARACTERS = 20_000
URL_CHARACTERS = 2_000
NAME_CHARACTERS = 200
LIST_ENTRIES = 32

_KEPT_CONTROLS = frozenset("\n\t\r")
_HIDDEN = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})
_SHOWN_FORMATS = frozenset("\u200c\u200d\ufe0f")  # joiners that Persian, Indic scripts and emoji need
_COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_CWE = re.compile(r"CWE-[1-9][0-9]{0,4}\Z")
_ALIAS = re.compile(r"[A-Z][A-Za-z0-9]{1,19}-[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\Z")
_HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?\Z")
_OWN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\Z")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")
_EXCEPTION = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}(?:\.[A-Za-z][A-Za-z0-9_]{0,99}){0,9}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def wrong(code: str, reason: str, fix: str) -> PydanticCustomError:
    """Return the error a validator raises: our stable code, what was found, what would be right."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in reason)
    return PydanticCustomError(cast("Any", code), "{reason}", {"reason": shown, "fix": fix})


def wrong_together(model: type[BaseModel], found: Iterable[tuple[tuple[str | int, ...], PydanticCustomError]]) -> None:
    """Raise all of ``found`` at once, each at its own field; nothing when there is none.

    Raises:
        ValidationError: at least one error was found.
    """
    lines = [InitErrorDetails(type=error, loc=place, input=None) for place, error in found]
    if lines:
        raise ValidationError.from_exception_data(model.__name__, lines)


def _known(key: str) -> str:
    if not key.startswith("x-"):
        raise wrong("unknown-key", f"the key {key[:80]!r} is not part of the format", "remove it, or begin it with x-")
    return key


def _close(schema: dict[str, Any]) -> None:
    schema["additionalProperties"] = False
    schema["patternProperties"] = {"^x-": {}}


class Part(BaseModel):
    """A mapping of the format: known keys only, and ``x-`` keys, which are kept."""

    model_config = ConfigDict(
        extra="allow", frozen=True, serialize_by_alias=True, json_schema_extra=_close, use_attribute_docstrings=True
    )
    __pydantic_extra__: dict[Annotated[str, AfterValidator(_known)], Any]


def hidden_character(text: str, kept: frozenset[str] = frozenset()) -> str | None:
    """Return the name of the first character that a reader would not see, or none."""
    if text.isascii() and text.isprintable():
        return None
    for one in text:
        if one not in kept and one not in _SHOWN_FORMATS and unicodedata.category(one) in _HIDDEN:
            return f"U+{ord(one):04X}"
    return None


def _seen(text: str, kept: frozenset[str]) -> str:
    hidden = hidden_character(text, kept)
    if hidden:
        raise wrong("control-characters", f"it holds the hidden character {hidden}", "remove it")
    if not text.strip():
        raise wrong("empty", "it is empty", "say something, or leave the key out")
    return text


def _line(text: str) -> str:
    return _seen(text, frozenset())


def _prose(text: str) -> str:
    return _seen(text, _KEPT_CONTROLS)


def _purl(text: str) -> str:
    try:
        found = purl.parse(text)
    except Malformed as refusal:
        raise wrong("invalid-purl", str(refusal), "write it as pkg:pypi/name@1.0 or pkg:npm/name@1.0") from None
    if not found.version:
        raise wrong("missing-version", f"{text} names no version", f"write {text}@ and the version you tried it on")
    return str(found)


def _package(text: str) -> str:
    try:
        found = purl.parse(text)
    except Malformed as refusal:
        raise wrong("invalid-purl", str(refusal), "write it as pkg:pypi/name or pkg:npm/name") from None
    if found.version:
        raise wrong("version-not-allowed", f"{text} names a version", "leave the version out; it goes into range")
    return str(found)


def _vers(text: str) -> str:
    try:
        vers.parse(text)
    except Malformed as refusal:
        raise wrong("invalid-vers", str(refusal), "write it as vers:pypi/>=1.0|<1.4") from None
    return text


def _cvss(text: str) -> str:
    from clearinghouse.standards import cvss

    if not text.startswith(("CVSS:3.1/", "CVSS:4.0/")):
        raise wrong(
            "invalid-cvss", f"{text[:60]!r} is not a CVSS 3.1 or 4.0 vector", "begin it with CVSS:3.1/ or CVSS:4.0/"
        )
    try:
        cvss.parse(text)
    except Malformed as refusal:
        raise wrong("invalid-cvss", str(refusal), "take the vector from a CVSS 3.1 or 4.0 calculator") from None
    return text


def is_web_url(text: str) -> bool:
    """Say whether ``text`` is an http or https address without a password, that a page may link to."""
    if not text.isascii() or any(one.isspace() or one in '<>"\\^`{|}' for one in text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def _url(text: str) -> str:
    if not is_web_url(text):
        raise wrong(
            "invalid-url", f"{text[:80]!r} is not a web address", "write it as https://host/path, without a password"
        )
    return text


def _matches(pattern: re.Pattern[str], code: str, fix: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.match(text):
            raise wrong(code, f"{text[:80]!r} does not have the right form", fix)
        return text

    return AfterValidator(check)


def _contact(text: str) -> str:
    if not _MAIL.match(text.removeprefix("mailto:")) and not is_web_url(text):
        raise wrong("invalid-contact", f"{text[:80]!r} is neither", "write an e-mail address or an https address")
    return text


def file_name_trouble(name: str) -> str | None:
    """Return why ``name`` may not name a file of a report, or none when it may.

    A file name is relative, inside the folder, with ``/`` between its parts, in normal form C, and means the same
    file on every system.
    """
    trouble = None
    if not name or len(name.encode("utf-8", "surrogatepass")) > NAME_CHARACTERS:
        trouble = f"it is empty or longer than {NAME_CHARACTERS} bytes"
    elif hidden_character(name) or any(one in name for one in '<>:"|?*'):
        trouble = 'it holds a control character or one of < > : " | ? *'
    elif name.startswith("/"):
        trouble = "it is absolute"
    elif "\\" in name:
        trouble = "it holds a backslash"
    elif any(part in ("", ".", "..") for part in name.split("/")):
        trouble = "it holds an empty part, . or .."
    elif any(part.endswith((" ", ".")) or part.startswith(" ") for part in name.split("/")):
        trouble = "a part of it begins with a space, or ends with a space or a dot"
    elif unicodedata.normalize("NFC", name) != name:
        trouble = "it is not in Unicode normal form C"
    return trouble


def _file(text: str) -> str:
    trouble = file_name_trouble(text)
    if trouble:
        raise wrong("unsafe-path", f"{text[:80]!r}: {trouble}", "name a file inside the report's folder, as proof.yaml")
    return text


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.match(value):
        raise wrong("invalid-date", f"{str(value)[:40]!r} is not a date", "write it as 2027-01-20")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong(
            "invalid-date", f"{value} is not in the calendar", "write a day that exists, as 2027-01-20"
        ) from None


Line = Annotated[str, Field(max_length=LINE_CHARACTERS), AfterValidator(_line)]
Prose = Annotated[str, Field(max_length=PROSE_CHARACTERS), AfterValidator(_prose)]
Handle = Annotated[
    str, Field(max_length=64), _matches(_HANDLE, "invalid-handle", "use letters, digits, dot, dash and underscore")
]
OwnId = Annotated[str, Field(max_length=100), _matches(_OWN_ID, "invalid-id", "use letters, digits and . _ : / -")]
Contact = Annotated[str, Field(max_length=320), AfterValidator(_contact)]
Target = Annotated[str, Field(max_length=500), AfterValidator(_purl)]
Package = Annotated[str, Field(max_length=500), AfterValidator(_package)]
Vers = Annotated[str, Field(max_length=2_000), AfterValidator(_vers)]
Cvss = Annotated[str, Field(max_length=300), AfterValidator(_cvss)]
Cwe = Annotated[str, Field(max_length=9), _matches(_CWE, "invalid-cwe", "write it as CWE-79")]
Alias = Annotated[str, Field(max_length=100), _matches(_ALIAS, "invalid-alias", "write it as CVE-2020-14343")]
Url = Annotated[str, Field(max_length=URL_CHARACTERS), AfterValidator(_url)]
Commit = Annotated[
    str, Field(max_length=64), _matches(_COMMIT, "invalid-commit", "write all 40 or 64 hex digits, lower case")
]
ExceptionName = Annotated[
    str, Field(max_length=300), _matches(_EXCEPTION, "invalid-exception", "write the type's name, as RecursionError")
]
FileName = Annotated[str, Field(max_length=NAME_CHARACTERS), AfterValidator(_file)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
YesNo = Annotated[bool, Field(strict=True)]
