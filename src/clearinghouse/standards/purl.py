"""Package URLs: the name of a package, ``pkg:npm/%40scope/name@1.0.0?arch=x#path``.

Read more strictly than most libraries do: a namespace where the type forbids one, a bad percent escape, a control
character or an upper-case qualifier key is refused, so that one package has one name.

Source: ECMA-427 (purl) and the type definitions of package-url/purl-spec; docs/decisions/0011.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from clearinghouse.errors import Malformed

_TYPE = re.compile(r"[a-z][a-z0-9.-]*\Z")
_QUALIFIER_KEY = re.compile(r"[a-z][a-z0-9._-]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PYPI_RUN = re.compile(r"[-_.]+")
_PUB_OTHER = re.compile(r"[^a-z0-9_]")
_SAFE = ":-._~"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a type asks of its parts."""

    namespace: str = "optional"
    """``optional``, ``required`` or ``prohibited``."""
    lower: frozenset[str] = frozenset()
    """Parts that are compared without case and written in lower case."""
    upper: frozenset[str] = frozenset()
    name_pattern: str = r".+"
    version_pattern: str = r".*"
    qualifier: str = ""
    """A qualifier that must be there."""
    any_case_keys: bool = False
    """Whether `parse` forgives upper case in qualifier keys; the suite does so for Maven alone."""


_BOTH = frozenset({"namespace", "name"})
_NAME = frozenset({"name"})
_PLAIN = _Rules()
_RULES: Mapping[str, _Rules] = {
    "alpm": _Rules("required", lower=_BOTH),
    "apk": _Rules(lower=_BOTH),
    "bazel": _Rules("prohibited"),
    "bitbucket": _Rules("required", lower=_BOTH),
    "bitnami": _Rules("prohibited", lower=_NAME),
    "brew": _Rules(lower=_BOTH),
    "cargo": _Rules("prohibited"),
    "chrome-extension": _Rules("prohibited", name_pattern=r"[a-p]{32}", version_pattern=r"([0-9]+(\.[0-9]+){0,3})?"),
    "cocoapods": _Rules("prohibited", name_pattern=r"(?!\.)[^\s+]+"),
    "composer": _Rules("required", lower=_BOTH),
    "conda": _Rules("prohibited"),
    "cpan": _Rules(upper=frozenset({"namespace"}), name_pattern=r"(?!.*::).+"),
    "cran": _Rules("prohibited"),
    "deb": _Rules("required", lower=_BOTH),
    "gem": _Rules("prohibited"),
    "git": _Rules("required", lower=frozenset({"namespace"})),
    "github": _Rules("required", lower=_BOTH),
    "gitlab": _Rules("required", lower=_BOTH),
    "hackage": _Rules("prohibited"),
    "hex": _Rules(lower=_BOTH),
    "huggingface": _Rules(lower=frozenset({"version"})),
    "julia": _Rules("prohibited", qualifier="uuid"),
    "luarocks": _Rules(lower=_BOTH),
    "maven": _Rules("required", any_case_keys=True),
    "mlflow": _Rules("prohibited"),
    "npm": _Rules(lower=_BOTH),
    "nuget": _Rules("prohibited"),
    "oci": _Rules("prohibited", lower=frozenset({"name", "version"})),
    "opam": _Rules("prohibited"),
    "otp": _Rules("prohibited", lower=_NAME),
    "pub": _Rules("prohibited", lower=_NAME),
    "pypi": _Rules("prohibited", lower=_NAME),
    "qpkg": _Rules("required", lower=frozenset({"namespace"})),
    "rpm": _Rules("required", lower=frozenset({"namespace"})),
    "swid": _Rules(qualifier="tag_id"),
    "swift": _Rules("required"),
    "vcpkg": _Rules("prohibited", lower=_NAME),
    "vscode-extension": _Rules("required", lower=_BOTH),
}


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL in its one canonical form; ``str()`` writes it."""

    type: str
    name: str
    namespace: str = ""
    version: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    subpath: str = ""

    def __str__(self) -> str:
        parts = [self.package]
        if self.version:
            parts.append("@" + quote(self.version, safe=_SAFE))
        if self.qualifiers:
            pairs = (f"{key}={quote(value, safe=_SAFE)}" for key, value in sorted(self.qualifiers.items()))
            parts.append("?" + "&".join(pairs))
        if self.subpath:
            parts.append("#" + quote(self.subpath, safe=_SAFE + "/"))
        return "".join(parts)

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def package(self) -> str:
        """The purl without version, qualifiers and subpath: ``pkg:npm/%40scope/name``."""
        namespace = quote(self.namespace, safe=_SAFE + "/") + "/" if self.namespace else ""
        name = quote(self.name, safe=_SAFE + "/" if self.type == "git" else _SAFE)
        return f"pkg:{self.type}/{namespace}{name}"

    @property
    def registry_name(self) -> str:
        """The name as the package's own index writes it: ``@scope/name`` on npm, PEP 503 form on PyPI."""
        if self.type == "pypi":
            return _PYPI_RUN.sub("-", self.name)
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def key(self) -> tuple[str, str]:
        """What two purls of one package share, whatever their version: type and registry name."""
        return self.type, self.registry_name

    def at(self, version: str) -> "Purl":
        """Return the same package at ``version``, without qualifiers and subpath."""
        return build(self.type, self.name, namespace=self.namespace, version=version)


def parse(text: str) -> Purl:
    """Return the purl that ``text`` writes.

    Raises:
        Malformed: no scheme, type or name; a part that the type forbids; a bad escape or qualifier.
    """
    return _parse(text, forgiving=False)


def canonical(text: str) -> str:
    """Return ``text`` in canonical form, forgiving upper case in qualifier keys.

    Raises:
        Malformed: it is not a purl.
    """
    return str(_parse(text, forgiving=True))


def _parse(text: str, *, forgiving: bool) -> Purl:
    rest, _, subpath = text.partition("#")
    rest, _, query = rest.partition("?")
    scheme, colon, rest = rest.partition(":")
    if not colon or scheme.lower() != "pkg":
        raise Malformed(f"{text!r} is no purl; it begins with pkg:")
    kind, slash, rest = rest.lstrip("/").partition("/")
    if not slash:
        raise Malformed(f"{text!r} has no type and name; write pkg:TYPE/NAME")
    path, version = _split_version(rest)
    *namespace, name = path.split("/")
    if kind.lower() == "git" and len(namespace) > 1:
        namespace, name = namespace[:1], "/".join([*namespace[1:], name])
    return build(
        kind,
        _decoded(name, text),
        namespace="/".join(_decoded(one, text) for one in namespace if one),
        version=_decoded(version, text),
        qualifiers=_qualifiers(query, text, lower=forgiving or _RULES.get(kind.lower(), _PLAIN).any_case_keys),
        subpath="/".join(_decoded(one, text) for one in subpath.split("/")),
    )


def build(
    kind: str | None,
    name: str | None,
    *,
    namespace: str | None = "",
    version: str | None = "",
    qualifiers: Mapping[str, str] | None = None,
    subpath: str | None = "",
) -> Purl:
    """Return the purl of these parts (not percent-encoded), in canonical form.

    Raises:
        Malformed: type or name is missing, or a part is one that the type forbids.
    """
    kind = (kind or "").lower()
    if not _TYPE.match(kind):
        raise Malformed(f"{kind!r} is no purl type; it is a letter, then letters, digits, dots and dashes")
    rules = _RULES.get(kind, _PLAIN)
    parts = {"namespace": (namespace or "").strip("/"), "name": name or "", "version": version or ""}
    for part, value in parts.items():
        if _CONTROL.search(value):
            raise Malformed(f"the {part} of a purl holds a control character")
        parts[part] = value.lower() if part in rules.lower else value.upper() if part in rules.upper else value
    kept = {key: value for key, value in sorted((qualifiers or {}).items()) if value}
    made = Purl(
        type=kind,
        name=_tidy_name(kind, parts["name"], kept),
        namespace="/".join(one for one in parts["namespace"].split("/") if one),
        version=parts["version"],
        qualifiers=kept,
        subpath="/".join(one for one in (subpath or "").split("/") if one not in ("", ".", "..")),
    )
    _check(made, rules)
    return made


def _tidy_name(kind: str, name: str, qualifiers: Mapping[str, str]) -> str:
    if kind in ("pypi", "hackage"):
        return name.replace("_", "-")
    if kind == "pub":
        return _PUB_OTHER.sub("_", name)
    if kind == "mlflow" and "databricks" in qualifiers.get("repository_url", "").lower():
        return name.lower()
    if kind == "git":
        return name.lower()
    return name


def _check(made: Purl, rules: _Rules) -> None:
    if not made.name:
        raise Malformed(f"a {made.type} purl without a name")
    if rules.namespace == "required" and not made.namespace:
        raise Malformed(f"a {made.type} purl needs a namespace before the name {made.name!r}")
    if rules.namespace == "prohibited" and made.namespace:
        raise Malformed(f"a {made.type} purl has no namespace; found {made.namespace!r}")
    if not re.fullmatch(rules.name_pattern, made.name):
        raise Malformed(f"{made.name!r} is no {made.type} name")
    if not re.fullmatch(rules.version_pattern, made.version):
        raise Malformed(f"{made.version!r} is no {made.type} version")
    if rules.qualifier and rules.qualifier not in made.qualifiers:
        raise Malformed(f"a {made.type} purl needs the qualifier {rules.qualifier}")
    _check_rest(made)


def _check_rest(made: Purl) -> None:
    for key, value in made.qualifiers.items():
        if not _QUALIFIER_KEY.match(key):
            raise Malformed(f"{key!r} is no qualifier key; use lower-case letters, digits, dots, dashes, underscores")
        if _CONTROL.search(value):
            raise Malformed(f"the qualifier {key} holds a control character")
    if _CONTROL.search(made.subpath):
        raise Malformed("the subpath of a purl holds a control character")


def _split_version(rest: str) -> tuple[str, str]:
    """Return path and version; an ``@`` with a slash behind it begins an npm scope, not a version."""
    path, at, version = rest.rpartition("@")
    return (path, version) if at and "/" not in version else (rest, "")


def _qualifiers(query: str, text: str, *, lower: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        key, equals, value = pair.partition("=")
        key = key.lower() if lower else key
        if not equals:
            raise Malformed(f"the qualifier {pair!r} of {text!r} has no value; write key=value")
        if key in found:
            raise Malformed(f"the qualifier {key} of {text!r} stands twice")
        found[key] = _decoded(value, text)
    return found


def _decoded(part: str, text: str) -> str:
    if _PERCENT.search(part):
        raise Malformed(f"{text!r} has a % that is no escape; write %25")
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Malformed(f"{text!r} has escapes that are not UTF-8") from None
