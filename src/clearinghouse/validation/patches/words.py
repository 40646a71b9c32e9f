"""What a patch adds that a fix rarely needs: words that mislead a check, broad handlers, the proof's own text."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.patches.doors import COMMON, doors, is_unread, kept
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import Detector, PatchCheck, Said

WORDS: Mapping[str, re.Pattern[str]] = {
    "reads the environment": re.compile(
        r"\benvironb?\b|\bgetenv\b|\bprocess\.env\b|/proc/|\bprocess\.(?:argv|execArgv|title|p?pid)\b|\bsys\.argv\b"
        r"|\bgethostname\b|\bplatform\.node\b|\bos\.getpp?id\b|\bgetpass\b|\bos\.hostname\b|\bprocess\.cwd\b"
    ),
    "watches what runs": re.compile(
        r"\baddaudithook\b|\bsettrace\b"
        r"|\bsetprofile\b|\bsys\.monitoring\b|\b_getframe\b|\bcurrentframe\b|\binspect\.stack\b"
        r"|\btb_frame\b|\bf_back\b|\bgc\.get_|\bprepareStackTrace\b|\bcaptureStackTrace\b|\bstackTraceLimit\b"
        r"|\brequire\.main\b|\bmodule\.parent\b|\bsys\.modules\b|\brequire\.cache\b|\bprocess\.binding\b"
    ),
    "moves a limit or takes a signal": re.compile(
        r"\bsetrecursionlimit\b|\bsetrlimit\b|\bsignal\.(?:signal|alarm|setitimer|pthread\w*)\b|\bfaulthandler\b|\bset_int_max_str_digits\b"
        r"|\bprocess\.(?:on|once|addListener|exit|abort|reallyExit|kill)\b|\bos\._exit\b"
        r"|\bsys\.exit\b|\batexit\b|\bstack_size\b"
    ),
    "tells one run from another": re.compile(
        r"\bhashlib\b|\bzlib\.(?:crc32|adler32)\b|\bcreateHash\b|\brandom\b"
        r"|\bMath\.random\b|\bsecrets\.|\btime\.(?:time|monotonic|perf)"
        r"|\bDate\.now\b|\bnew Date\b|\bdatetime\.now\b|\bperformance\.now\b|\bhrtime\b|\bsetTimeout\b|\btime\.sleep\b"
    ),
    "names the check": re.compile(
        r"clearinghouse|\bcanary\b|[\"'/](?:zone|leaf)-|/runner\b|[\"']/job\b|\bbwrap\b", re.IGNORECASE
    ),
    "runs text as code": re.compile(
        r"(?<![\w.])(?:eval|exec|execfile)\s*\(|(?<![\w.])compile\([^\n]*['\"](?:exec|eval|single)['\"]"
        r"|(?<![\w.])(?:Async)?(?:Generator)?Function\s*\(|\bnew Function\b"
        r"|\b__import__\b|\bimport_module\b|\brunpy\b|\bpickle\.loads?\b|\bmarshal\b|\bdill\b|\bcloudpickle\b"
        r"|\.constructor\s*\(|\.constructor\.constructor\b|(?<=[\w\])])\[\s*['\"]constructor['\"]\s*\]|\bReflect\.construct\b|\bvm\.\w+|\brunIn\w*Context\b"
        r"|\brequire\(['\"](?:node:)?(?:vm|module|worker_threads|inspector|v8)['\"]|\bWebAssembly\b|\bctypes\b"
        r"|\bset(?:Timeout|Interval|Immediate)\s*\(\s*['\"`]|\bcode\.Interactive\w+|\bFunctionType\b|\bCodeType\b"
    ),
    "hides what it says": re.compile(
        r"\batob\b|\bbtoa\b|\bBuffer\.from\([^)\n]*['\"](?:base64(?:url)?|hex|binary|latin1)['\"]|\bb(?:16|32|64|85)decode\b|\ba2b_\w+"
        r"|\b(?:un)?hexlify\b|\bfromhex\b|\bdecodebytes\b|\bcodecs\.decode\b|\brot_?13\b|\bzlib\.\w+|\b(?:gzip|bz2|lzma)\.\w+"
        r"|\b(?:inflate|gunzip|brotliDecompress|unzip)(?:Raw)?(?:Sync)?\s*\(|\bfromChar(?:Code|Codes)\b|\bfromCodePoint\b|\bunescape\s*\("
        r"|\bglobalThis\b|\b(?:global|window)\s*\[|\bglobals\(\)|\bvars\(\)|\bgetattr\(\s*__builtins__|\b__builtins__\s*\["
        r"|(?:\\x[0-9a-fA-F]{2}){4,}|(?:\\u[0-9a-fA-F]{4}){4,}|['\"`](?=[^'\"`\s]*\d)(?=[^'\"`\s]*[a-z])(?=[^'\"`\s]*[A-Z])[A-Za-z0-9+/_-]{24,}={0,2}['\"`]"
    ),
    "reaches out of the process": re.compile(
        r"\bchild_process\b|\bsubprocess\b|\bos\.(?:system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork\w*)\b|\bpty\.spawn\b"
        r"|\b(?:exec|spawn|execFile)Sync\b|\bsocket\.(?:socket|create_\w+)\b|(?<![\w.])fetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\burlopen\b"
        r"|\brequests\.(?:get|post|put|request)\b|\bsmtplib\b"
        r"|\brequire\(['\"](?:node:)?(?:net|http2?|https|dgram|dns|tls|cluster)['\"]"
    ),
    "swallows what is thrown": re.compile(
        r"catch\s*(?:\([^)]*\))?\s*\{\s*\}|\.catch\(\s*(?:\(\w*\)|\w+|function\s*\(\w*\))\s*(?:=>)?\s*\{?\s*\}?\s*\)"
    ),
}
"""What the words may be for, and the words. None refuses a patch; each puts it before a person."""
BROAD = frozenset({"", "Exception", "BaseException"})
ABOVE: Mapping[str, frozenset[str]] = {
    "RecursionError": frozenset({"RecursionError", "RuntimeError"}),
    "UnicodeDecodeError": frozenset({"UnicodeDecodeError", "UnicodeError", "ValueError"}),
    "UnicodeEncodeError": frozenset({"UnicodeEncodeError", "UnicodeError", "ValueError"}),
    "IndexError": frozenset({"IndexError", "LookupError"}),
    "KeyError": frozenset({"KeyError", "LookupError"}),
    "OverflowError": frozenset({"OverflowError", "ArithmeticError"}),
    "ZeroDivisionError": frozenset({"ZeroDivisionError", "ArithmeticError"}),
}
"""Names under which a handler takes an exception besides its own."""
SHORTEST_TEXT = 4
SMALLEST_NUMBER = 10
_TEXT = re.compile(r"""(?P<quote>['"`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""")
_NUMBER = re.compile(r"(?<![\w.])\d{2,9}(?![\w.])")
_REGEX = re.compile(r"(?<![\w)\]/])/(?![/*\s])(?P<text>(?:\\.|\[[^\]\n]*\]|[^/\n\\])+)/[a-z]*")
_COMMENTS = ("#", "//", "/*", "* ", "*/")
_TRY = re.compile(r"\btry\s*\{")
_CATCH = re.compile(r"\bcatch\b")


def words(changes: Sequence[Change], proof: Proof, background: Background) -> PatchCheck:
    """Return the words and handlers that a patch adds and a fix rarely needs; the project's own hunks may hold them."""
    found = [one for change in changes for one in (*_added_words(change, background), *_handlers(change, proof))]
    found += kept(changes, background)
    if found:
        rest = f" and {len(found) - 3} more" if len(found) > 3 else ""  # noqa: PLR2004 - so many are told in full
        return PatchCheck(CheckName.WORDS, Said.FAILED, "it adds " + "; ".join(found[:3]) + rest, tuple(found[:50]))
    return PatchCheck(CheckName.WORDS, Said.PASSED, "no word that would watch or mislead the check, no broad handler")


def _added_words(change: Change, background: Background) -> Iterator[str]:
    """Yield flagged words that stand in the file more often than before, and not only in hunks of the project's own."""
    before, after = (_code((one or b"").decode("utf-8", "replace")) for one in (change.before, change.after))
    lines = background.own_lines(change)
    for what, pattern in WORDS.items():
        was, now = (Counter(found.group(0) for found in pattern.finditer(text)) for text in (before, after))
        for word in sorted(now - was):
            number = next((number for number, line in lines.items() if word.split("\n")[0] in line), 0)
            if number:
                yield f"{word.strip()!r} ({what}, {change.path}:{number})"


def _code(text: str) -> str:
    """Return a text without the lines that are comments."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(_COMMENTS))


def _handlers(change: Change, proof: Proof) -> Iterator[str]:
    """Yield handlers that take everything, or just what the proof raises and keep it to themselves."""
    if change.was is None or change.now is None:
        if change.now is None and change.path.endswith((".js", ".cjs", ".mjs")):
            yield from _around_old_code(change)
        return
    wanted = str(proof.expect.get("exception", "")).rsplit(".", 1)[-1] if proof.detector is Detector.EXCEPTION else ""
    takes_it = ABOVE.get(wanted, frozenset({wanted} - {""}))
    new = {line for region in change.regions() for line, _ in region.added}
    counted = Counter(_kinds(takes) for takes, _, _ in change.was.handlers)
    for takes, swallows, line in change.now.handlers:
        if counted[_kinds(takes)] > 0 and line not in new:
            counted[_kinds(takes)] -= 1
            continue
        if BROAD & set(takes):
            yield f"a handler of everything ({change.path}:{line})"
        elif swallows and takes_it & set(takes):
            yield f"a handler that keeps the proof's {wanted} to itself ({change.path}:{line})"


def _kinds(takes: Sequence[str]) -> str:
    return ",".join(sorted(takes))


def _around_old_code(change: Change) -> Iterator[str]:
    """Yield the places where a new ``try`` and its ``catch`` stand around code that was there before.

    JavaScript's handlers take everything; one around new code only is the patch's own business.
    """
    for region in change.regions():
        added = {number for number, _ in region.added}
        tries = [number for number, line in region.added if _TRY.search(line)]
        catches = [number for number, line in region.added if _CATCH.search(line)]
        for begin in tries:
            end = next((one for one in catches if one > begin), None)
            if end is not None and any(number not in added for number in range(begin + 1, end)):
                yield f"a handler of everything around code that was there before ({change.path}:{begin})"


def literals(changes: Sequence[Change], proof: Proof, runtime: Runtime, background: Background) -> PatchCheck:
    """Return what the patch names and nobody else: what stands in this proof, or what a new condition asks for."""
    name = CheckName.LITERALS
    texts, numbers = _said_by(proof.form)
    harmless, harmless_numbers = _said_by(proof.benign) if proof.benign is not None else ("", frozenset())
    numbers = (numbers | set(proof.sizes)) - harmless_numbers
    found = []
    for change in changes:
        for one in _new_literals(change, runtime) if background.own(change) else ():
            if isinstance(one, int) and one >= SMALLEST_NUMBER and one in numbers:
                found.append(f"{one} ({change.path})")
            elif isinstance(one, str) and _stands_in(one, texts) and not _stands_in(one, harmless):
                found.append(f"{one[:80]!r} ({change.path})")
    if found:
        told = ", ".join(found[:3])
        return PatchCheck(name, Said.FAILED, f"it adds what stands in the proof too: {told}", tuple(found[:50]))
    asked = list(dict.fromkeys(doors(changes, background)))
    if asked:
        told = ", ".join(asked[:3])
        detail = f"its conditions ask for what neither the code nor the project's own fix names: {told}"
        return PatchCheck(name, Said.FAILED, detail, tuple(asked[:50]))
    unread = [one.path for one in changes if is_unread(one)]
    if unread:
        return PatchCheck(
            name, Said.FAILED, f"no parser reads {', '.join(unread)}, so that nobody knows what it asks for"
        )
    return PatchCheck(name, Said.PASSED, "it names nothing that only this proof holds, and asks for nothing unheard of")


def _stands_in(text: str, texts: str) -> bool:
    """Say whether a particular text stands in others, as it is or as a regular expression would write it."""
    return any(_telling(one) and one in texts for one in (text, text.replace("\\", "").strip("^$")))


def _telling(text: str) -> bool:
    """Say whether a text is particular enough to know one proof by."""
    bare = text.strip().strip("./\\[](){}<>'\" ").lower()
    return len(bare) >= SHORTEST_TEXT and bare not in COMMON


def _new_literals(change: Change, runtime: Runtime) -> Iterator[str | int]:
    if runtime is Runtime.PYTHON:
        if change.now is not None:
            was = Counter(change.was.literals if change.was is not None else ())
            yield from (Counter(change.now.literals) - was)
        return
    for region in change.regions():
        added, removed = ("\n".join(line for _, line in lines) for lines in (region.added, region.removed))
        texts = _texts_of(added) - _texts_of(removed)
        yield from sorted(texts)
        yield from sorted({int(one) for one in _NUMBER.findall(added)} - {int(one) for one in _NUMBER.findall(removed)})


def _texts_of(code: str) -> set[str]:
    """Return the texts and regular expressions that stand in JavaScript."""
    return {one["text"] for pattern in (_TEXT, _REGEX) for one in pattern.finditer(code)}


def _said_by(form: Form) -> tuple[str, set[int]]:
    """Return all texts of a form laid end to end, and its numbers."""
    texts: list[str] = [form.input.decode("latin-1")] if form.input else []
    numbers: set[int] = set()

    def walk(value: Any) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            numbers.add(value)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, Mapping):
            for key, one in value.items():
                walk(key)
                walk(one)

    for step in form.steps():
        walk({key: step[key] for key in ("args", "kw") if key in step})
    if form.document is not None:
        walk(json.loads(json.dumps(form.document.get("setup") or {})))
    return "\n".join(texts), numbers
