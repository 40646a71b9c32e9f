"""Other spellings of the texts in a proof, by family; each is a function from text to text, the same when it has none.

Where each comes from: CWE-20 and CWE-184 (incomplete lists of what is not allowed), CWE-23 and CWE-36 (paths),
CWE-78 (commands), CWE-1321 (prototypes), CWE-178 (case), CWE-172 (encoding); the kinds are those of the design notes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from string import ascii_letters

type Respell = Callable[[str], str]


class Family(StrEnum):
    """What kind of change a mutant is."""

    KEYS = "another way to the same key"
    PATHS = "another spelling of the path"
    PAYLOAD = "the same act by another call"
    NESTING = "another character that nests or repeats"
    SIZE = "another size"
    AROUND = "harmless content before or behind it"
    WHITESPACE = "other white space"
    CASE = "other case"
    ENCODING = "another encoding"
    NUMBERS = "the same number, written in another way"
    CONTAINERS = "another container"
    ORDER = "another order of calls"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to spell the texts of a proof anew."""

    family: Family
    what: str
    """What is changed, in words that a person reads beside the proof."""
    respell: Respell


def _swap(old: str, new: str) -> Spelling:
    """Return the spelling that writes ``new`` for every ``old``."""
    return Spelling(Family.PAYLOAD, f"{new!r} for {old!r}", lambda text: text.replace(old, new))


def _for(family: Family, old: str, new: str) -> Spelling:
    return Spelling(family, f"{new!r} for {old!r}", lambda text: text.replace(old, new))


def _matched(family: Family, what: str, pattern: str, new: str, flags: int = 0) -> Spelling:
    return Spelling(family, what, partial(re.compile(pattern, flags).sub, new))


def _capital_digits(text: str) -> str:
    return re.sub(r"(?<=0x)[0-9a-f]+", lambda found: found[0].upper(), text)


def _capital_scheme(text: str) -> str:
    return re.sub(r"\b(?:https?|file)(?=:)", lambda found: found[0].upper(), text)


def _translated(pairs: str) -> Respell:
    """Return the function that writes the second, fourth, … character of ``pairs`` for the one before it."""
    table = str.maketrans(pairs[::2], pairs[1::2])
    return lambda text: text.translate(table)


KEYS = (
    _matched(
        Family.KEYS,
        "the key constructor.prototype for __proto__, nested in the JSON text",
        r"""(["'])__proto__\1\s*:\s*(\{[^{}]*\})""",
        r"\1constructor\1: {\1prototype\1: \2}",
    ),
    _matched(Family.KEYS, "constructor.prototype for __proto__", r"__proto__(?![\"'])", "constructor.prototype"),
    _for(Family.KEYS, "constructor.prototype", "__proto__"),
    _matched(Family.KEYS, "__proto__ in brackets", r"(?<![\"'\[])__proto__(?![\"'\]])\.?", '["__proto__"].'),
    _matched(Family.KEYS, "__proto__ in quotes", r"(?<![\"'])__proto__(?![\"'])", '"__proto__"'),
    _matched(Family.KEYS, "the key in single quotes", r'"(__proto__|constructor)"', r"'\1'"),
    _matched(Family.KEYS, "the key in double quotes", r"'(__proto__|constructor)'", r'"\1"'),
    _matched(Family.KEYS, "the key without quotes", r"[\"'](__proto__|constructor)[\"']", r"\1"),
    _matched(Family.KEYS, "one more key before it", r"(?<![\w.])(__proto__|constructor\.prototype)\.", r"a.\1."),
    _matched(Family.KEYS, "the key twice", r"(?<![\w\"'])(__proto__)\.", r"\1.\1."),
    _matched(Family.KEYS, "the key inside itself", r"__proto__", "__pro__proto__to__"),
    _matched(
        Family.KEYS,
        "by another inherited function",
        r"\b(concat|toString|valueOf)\.constructor",
        "hasOwnProperty.constructor",
    ),
    _matched(Family.KEYS, "by one more inherited function", r"(?<=\w)\.constructor\b", ".toString.constructor"),
    _matched(Family.KEYS, "a character of the key as a JSON escape", r"__proto__", r"__\\u0070roto__"),
    _matched(Family.KEYS, "underscores as JSON escapes", r"__(?=proto|class)", r"\\u005f\\u005f"),
    _matched(Family.KEYS, "one more __class__ before it", r"__(init|globals)__", r"__class__.__\1__"),
    _matched(Family.KEYS, "another method on the way", r"__init__", "__repr__.__func__"),
    _matched(Family.KEYS, "the attribute in brackets", r"\.(__\w+__)", r'["\1"]'),
)
PATHS = (
    _for(Family.PATHS, "../", "..\\"),
    _for(Family.PATHS, "../", "./../"),
    _for(Family.PATHS, "../", "..//"),
    _for(Family.PATHS, "../", ".././"),
    _for(Family.PATHS, "../", "....//"),
    _for(Family.PATHS, "../", "%2e%2e/"),
    _for(Family.PATHS, "../", "%2e%2e%2f"),
    _for(Family.PATHS, "../", "..%2f"),
    _for(Family.PATHS, "../", "..%252f"),
    _for(Family.PATHS, "../", "../../"),
    _matched(Family.PATHS, "with slashes doubled", r"(?<=[\w.])/(?=\w)", "//"),
    _matched(Family.PATHS, "the way up to the root and down again", r"^/(?=\w)", "../" * 12),
    _matched(Family.PATHS, "another scheme", r"\bhttps://", "http://"),
    _matched(Family.PATHS, "another scheme", r"\bhttp://", "https://"),
    Spelling(Family.PATHS, "the scheme in capitals", _capital_scheme),
    _matched(Family.PATHS, "without the scheme", r"\bhttps?://", "//"),
    _matched(Family.PATHS, "with a name before the host", r"(https?://)(?![\[/])", r"\1user@"),
)
PAYLOAD = (
    _swap(".system(", ".popen("),
    _swap(".popen(", ".system("),
    _swap("__import__('os').system(", "__import__('subprocess').getoutput("),
    _swap('__import__("os").system(', '__import__("subprocess").getoutput('),
    _swap("import('os').system(", "import('subprocess').getoutput("),
    _swap("execSync(", "exec("),
    _swap(".exec(", ".execSync("),
    _swap("'child_process'", "'node:child_process'"),
    _swap('"child_process"', '"node:child_process"'),
    _swap("process.mainModule.require", "global.process.mainModule.require"),
    _swap("process.mainModule.require", "process['mainModule']['require']"),
    _swap("require('child_process')", "process.binding('spawn_sync') && process.mainModule.require('child_process')"),
    _matched(Family.PAYLOAD, "another program", r"(?<![\w/])true(?= )", "/bin/true"),
    _matched(Family.PAYLOAD, "another program", r"(?<![\w/])true(?= )", "echo"),
    _matched(Family.PAYLOAD, "a line break for the semicolon", r"; ?", "\n"),
    _matched(Family.PAYLOAD, "&& for the semicolon", r"; ?", " && "),
    _matched(Family.PAYLOAD, "a pipe for the semicolon", r"; ?", " | "),
    _matched(Family.PAYLOAD, "backquotes for $( )", r"\$\(([^()]*)\)", r"`\1`"),
    _matched(Family.PAYLOAD, "$( ) for backquotes", r"`([^`]*)`", r"$(\1)"),
    Spelling(Family.PAYLOAD, "the two kinds of quotes exchanged", _translated("'\"\"'")),
    _matched(Family.PAYLOAD, "in parentheses", r"(__import__\([^()]*\))", r"(\1)"),
    _matched(
        Family.PAYLOAD,
        "by getattr",
        r"__import__\(('os'|\"os\")\)\.(system|popen)",
        r"getattr(__import__(\1), \1[:0] + '\2')",
    ),
)
_BRACKETS = ("()", "[]", "{}", "<>")
NESTING = (
    *(
        Spelling(Family.NESTING, f"{new[0]} for {old[0]}", _translated(old[0] + new[0] + old[1] + new[1]))
        for old in _BRACKETS
        for new in _BRACKETS
        if old != new
    ),
    Spelling(Family.NESTING, "other letters", _translated("abbaxyyxAB01")),
    Spelling(Family.NESTING, "other digits", _translated("0110293849")),
    Spelling(Family.NESTING, "other marks", _translated("*__*--\"''\"")),
    Spelling(Family.NESTING, "other separators", _translated(":;,;.:")),
    Spelling(Family.NESTING, "~ for `", _translated("`~")),
)
WHITESPACE = (
    Spelling(Family.WHITESPACE, "tabs for blanks", lambda text: text.replace(" ", "\t")),
    Spelling(Family.WHITESPACE, "blanks doubled", lambda text: text.replace(" ", "  ")),
    Spelling(Family.WHITESPACE, "line ends of Windows", lambda text: re.sub(r"(?<!\r)\n", "\r\n", text)),
    Spelling(Family.WHITESPACE, "a blank behind each comma", lambda text: text.replace(",", ", ")),
    _matched(
        Family.WHITESPACE, "blanks around equals signs and colons", r"(?<=[\w\"'\])])([=:])(?=[\w\"'\[({])", r" \1 "
    ),
    _matched(Family.WHITESPACE, "no blanks around equals signs and colons", r" *([=:]) *", r"\1"),
    _matched(Family.WHITESPACE, "blanks inside brackets", r"([\[({])(?=[\w\"'])", r"\1 "),
    _matched(Family.WHITESPACE, "a form feed for a blank", r" ", "\f"),
)
CASE = (
    Spelling(Family.CASE, "in capitals", str.upper),
    Spelling(Family.CASE, "in small letters", str.lower),
    Spelling(Family.CASE, "upper and lower case exchanged", str.swapcase),
)
ENCODING = (
    _matched(Family.ENCODING, "dots as percent escapes", r"\.(?=\.|/)", "%2e"),
    _matched(Family.ENCODING, "brackets as percent escapes", r"\[", "%5B"),
    Spelling(
        Family.ENCODING,
        "letters of full width",
        _translated("".join(f"{c}{chr(ord(c) + 0xFEE0)}" for c in ascii_letters)),
    ),
)
NUMBERS = (
    Spelling(Family.NUMBERS, "hexadecimal digits in capitals", _capital_digits),
    _matched(Family.NUMBERS, "with leading zeros", r"(?<![\w.])0x(?=[0-9a-fA-F])", "0x0"),
    _matched(Family.NUMBERS, "127 in octal", r"(?<!\w)(?:0x7f|127)\b", "0177", re.IGNORECASE),
    _matched(Family.NUMBERS, "127 in hexadecimal", r"(?<!\w)(?:0177|127)\b", "0x7f"),
)
ALL: tuple[Spelling, ...] = (*KEYS, *PATHS, *PAYLOAD, *NESTING, *WHITESPACE, *CASE, *ENCODING, *NUMBERS)


def spellings_of(family: Family) -> Iterator[Spelling]:
    """Yield the spellings of a family, in their order."""
    return (one for one in ALL if one.family is family)
