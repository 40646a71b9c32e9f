"""SARIF 2.1.0 logs, as far as results go: what scanners say, read into plain values.

Nothing is believed here: a path is text, a message is text, a level is what the scanner or its rule says.

Source: SARIF 2.1.0 plus Errata 01 (OASIS Standard), sections 3.14 (run), 3.27 (result), 3.10.4, 3.11.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clearinghouse.standards.shapes import Fields, fields

_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}|\{\{|\}\}")
_CWE = re.compile(r"\bcwe[-_/:]?0*([1-9][0-9]{0,4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file, and the function it lies in when the scanner says so."""

    path: str = ""
    base: str = ""
    """Name of the folder that ``path`` is relative to, as the log calls it."""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    symbol: str = ""
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Somebody's decision that a result does not matter."""

    kind: str
    status: str
    justification: str


@dataclass(frozen=True, slots=True)
class Result:
    """One thing a scanner reports."""

    rule: str
    message: str
    level: str
    """``none``, ``note``, ``warning`` or ``error``."""
    kind: str
    """``fail`` is a problem; ``pass``, ``open``, ``review``, ``informational``, ``notApplicable`` are none (yet)."""
    locations: tuple[Location, ...] = ()
    rule_name: str = ""
    rule_help: str = ""
    rule_address: str = ""
    """Where the rule is explained."""
    weaknesses: tuple[str, ...] = ()
    """``CWE-…`` ids that the rule or the result is tagged with."""
    security_severity: float | None = None
    """The rule's own estimate from 0 to 10."""
    fingerprints: tuple[tuple[str, str], ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    guid: str = ""
    baseline: str = ""
    """Against an earlier run: ``new``, ``unchanged``, ``updated`` or ``absent``; empty when not compared."""

    @property
    def is_suppressed(self) -> bool:
        """Whether a suppression holds: one that is accepted, or has no status."""
        return any(one.status in ("", "accepted") for one in self.suppressions)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which source was scanned."""

    repository: str
    revision: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One start of one tool."""

    tool: str
    version: str
    results: tuple[Result, ...]
    provenance: tuple[Provenance, ...] = ()


def read(value: object) -> tuple[Run, ...]:
    """Return the runs of a log that ``strict`` has loaded.

    Raises:
        Malformed: it is no SARIF 2.1.0 log, has no list of runs, or a part has another shape than the standard's.
    """
    log = fields(value, "")
    version = log.text("version", needed=True)
    if version != "2.1.0":
        raise log.wrong("version", f"SARIF {version[:20]!r} is not read; write 2.1.0")
    if log.value.get("runs") is None:
        raise log.wrong("runs", "missing; a list of runs must stand here")
    return tuple(map(_run, log.each("runs")))


def _run(run: Fields) -> Run:
    tool = run.inner("tool")
    driver = tool.inner("driver") if tool else None
    if tool is None or driver is None:
        raise run.wrong("tool.driver", "missing; the tool must be named")
    components = (driver, *tool.each("extensions"))
    rules = [one.each("rules") for one in components]
    artifacts = run.each("artifacts")
    reader = _Reader(components, rules, artifacts)
    return Run(
        tool=driver.text("name", needed=True),
        version=driver.text("semanticVersion") or driver.text("version"),
        results=tuple(map(reader.result, run.each("results"))),
        provenance=tuple(
            Provenance(one.text("repositoryUri", needed=True), one.text("revisionId"), one.text("branch"))
            for one in run.each("versionControlProvenance")
        ),
    )


class _Reader:
    """Reads the results of one run, whose rules, messages and artifacts they point into."""

    def __init__(
        self, components: tuple[Fields, ...], rules: Sequence[tuple[Fields, ...]], artifacts: tuple[Fields, ...]
    ) -> None:
        self.components = components
        self.rules = rules
        self.artifacts = artifacts
        self.by_id = {rule.text("id"): rule for several in reversed(rules) for rule in several}

    def result(self, result: Fields) -> Result:
        """Return one result with what its rule adds."""
        rule_id, rule = self._rule(result)
        kind = result.text("kind") or "fail"
        properties = result.inner("properties")
        rule_properties = rule.inner("properties") if rule else None
        return Result(
            rule=rule_id,
            message=self._message(result, rule),
            level=self._level(result, rule, kind),
            kind=kind,
            locations=tuple(map(self._location, result.each("locations"))),
            rule_name=rule.text("name") if rule else "",
            rule_help=_rule_text(rule),
            rule_address=rule.text("helpUri") if rule else "",
            weaknesses=_weaknesses(rule_id, rule, [one for one in (properties, rule_properties) if one]),
            security_severity=_severity(properties)
            if _severity(properties) is not None
            else _severity(rule_properties),
            fingerprints=_fingerprints(result),
            suppressions=tuple(
                Suppression(one.text("kind", needed=True), one.text("status"), one.text("justification"))
                for one in result.each("suppressions")
            ),
            guid=result.text("guid"),
            baseline=result.text("baselineState"),
        )

    def _rule(self, result: Fields) -> tuple[str, Fields | None]:
        """Return the rule's id and the rule; an id like ``CA1000/2`` is a case of the rule ``CA1000``."""
        pointer = result.inner("rule")
        rule_id = result.text("ruleId") or (pointer.text("id") if pointer else "")
        index = result.whole("ruleIndex")
        component = 0
        if pointer is not None:
            index = pointer.whole("index") if index is None else index
            owner = pointer.inner("toolComponent")
            owner_index = owner.whole("index") if owner else None
            component = 0 if owner_index is None else owner_index + 1
        rules = self.rules[component] if 0 <= component < len(self.rules) else ()
        rule = rules[index] if index is not None and 0 <= index < len(rules) else None
        if rule is None or (rule_id and rule.text("id") not in (rule_id, rule_id.rpartition("/")[0])):
            rule = self.by_id.get(rule_id) or self.by_id.get(rule_id.rpartition("/")[0])
        return rule_id or (rule.text("id") if rule else ""), rule

    def _message(self, result: Fields, rule: Fields | None) -> str:
        message = result.inner("message")
        if message is None:
            # The standard demands a message; where a scanner forgot it, the rule's own text says what was found.
            text = _rule_text(rule) or (rule.text("name") if rule else "")
            if not text:
                raise result.wrong("message", "missing, and no rule says what was found")
            return text
        text = message.text("text") or message.text("markdown")
        name = message.text("id")
        if not text and name:
            for holder, key in ((rule, "messageStrings"), (self.components[0], "globalMessageStrings")):
                strings = holder.inner(key) if holder else None
                found = strings.inner(name) if strings else None
                text = text or (found.text("text") if found else "")
        if not text:
            raise result.wrong("message", "neither a text nor the id of one that the tool defines")
        return _filled(text, message.texts("arguments"))

    @staticmethod
    def _level(result: Fields, rule: Fields | None, kind: str) -> str:
        stated = result.text("level")
        if stated:
            if stated not in ("none", "note", "warning", "error"):
                raise result.wrong("level", f"{stated[:20]!r} is no level; it is none, note, warning or error")
            return stated
        if kind != "fail":
            return "none"
        configuration = rule.inner("defaultConfiguration") if rule else None
        return (configuration.text("level") if configuration else "") or "warning"

    def _location(self, location: Fields) -> Location:
        physical = location.inner("physicalLocation")
        region = physical.inner("region") if physical else None
        artifact = physical.inner("artifactLocation") if physical else None
        path = artifact.text("uri") if artifact else ""
        index = artifact.whole("index") if artifact else None
        if not path and index is not None and 0 <= index < len(self.artifacts):
            artifact = self.artifacts[index].inner("location")
            path = artifact.text("uri") if artifact else ""
        logical = location.each("logicalLocations")
        snippet = region.inner("snippet") if region else None
        return Location(
            path=path,
            base=artifact.text("uriBaseId") if artifact else "",
            line=region.whole("startLine") if region else None,
            end_line=region.whole("endLine") if region else None,
            column=region.whole("startColumn") if region else None,
            symbol=next((one.text("fullyQualifiedName") or one.text("name") for one in logical), ""),
            snippet=snippet.text("text") if snippet else "",
        )


def _filled(text: str, arguments: tuple[str, ...]) -> str:
    """Return a message with its placeholders ``{0}`` replaced; ``{{`` is a brace."""

    def replacement(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        number = int(found[1])
        return arguments[number] if number < len(arguments) else found[0]

    return _PLACEHOLDER.sub(replacement, text) if arguments else text


def _rule_text(rule: Fields | None) -> str:
    for key in ("fullDescription", "shortDescription", "help"):
        found = rule.inner(key) if rule else None
        if found and found.text("text"):
            return found.text("text")
    return ""


def _weaknesses(rule_id: str, rule: Fields | None, properties: list[Fields]) -> tuple[str, ...]:
    texts = [rule_id]
    for one in properties:
        for key in ("tags", "cwe"):
            held = one.value.get(key)
            texts += [it for it in (held if isinstance(held, list) else [held]) if isinstance(it, str)]
    for relationship in rule.each("relationships") if rule else ():
        target = relationship.inner("target")
        owner = target.inner("toolComponent") if target else None
        if target and owner and owner.text("name").upper() == "CWE":
            texts.append("CWE-" + target.text("id").upper().removeprefix("CWE-"))
    return tuple(dict.fromkeys(f"CWE-{found[1]}" for text in texts for found in _CWE.finditer(text)))


def _severity(properties: Fields | None) -> float | None:
    stated = properties.value.get("security-severity") if properties else None
    try:
        score = float(stated) if isinstance(stated, str | int | float) and not isinstance(stated, bool) else None
    except (ValueError, OverflowError):
        return None
    return score if score is not None and 0 <= score <= 10 else None  # noqa: PLR2004


def _fingerprints(result: Fields) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for key in ("partialFingerprints", "fingerprints"):
        held: Mapping[str, object] = result.mapping(key)
        for name, text in held.items():
            if not isinstance(text, str):
                raise result.wrong(f"{key}.{name[:40]}", "a fingerprint is a text")
            found[name] = text
    return tuple(sorted(found.items()))
