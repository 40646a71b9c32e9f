"""Reading what an operator has: the results of a clearing, bills of materials, and what is installed."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from clearinghouse.errors import Malformed, NotFound, Refused
from clearinghouse.exposure.rules import KnownCase
from clearinghouse.standards import cyclonedx, osv, spdx
from clearinghouse.standards import purl as purls
from clearinghouse.standards.component import Component
from clearinghouse.standards.shapes import Fields, fields
from clearinghouse.strict import JSON_LIMITS, load_json

_FORMAT = "clearinghouse/index/1"
_CLOCK = "cisa:DT_BOD2604:"
_MOST_PACKAGES = 500_000
_LARGEST_PACKAGE_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in use, and what could not be read."""

    components: tuple[Component, ...]
    unread: tuple[str, ...] = ()
    """Files that could not be read, with the reason."""

    @property
    def unnamed(self) -> tuple[Component, ...]:
        """Components without a purl: nobody can say for certain which package they are."""
        return tuple(one for one in self.components if one.purl is None)


def cases_in(folder: Path) -> tuple[KnownCase, ...]:
    """Return the cases in the output folder of a clearing, in the order of work.

    Raises:
        NotFound: there is no ``index.json``, or a file that it names is missing.
        Malformed: a file has another shape than it must have, or the index names a file outside the folder.
    """
    index = fields(load_json(_bytes_of(folder / "index.json")), "")
    if index.text("schema") != _FORMAT:
        raise index.wrong("schema", f"{folder / 'index.json'} is not the result of a clearing ({_FORMAT})")
    return tuple(_case(one, folder) for one in index.each("cases"))


def _case(one: Fields, folder: Path) -> KnownCase:
    files = one.inner("files")
    if files is None:
        raise one.wrong("files", "missing")
    file = _inside(folder, files.text("osv", needed=True))
    try:
        record = osv.parse(load_json(_bytes_of(file)))
    except Malformed as refusal:
        raise Malformed(f"{file}: {refusal}") from None
    affected = one.inner("affected")
    lines = affected.each("lines") if affected else ()
    return KnownCase(
        key=one.text("key", needed=True),
        title=one.text("title", needed=True),
        band=one.text("band", needed=True),
        why=one.texts("why"),
        record=record,
        not_run=frozenset(it.text("version") for line in lines for it in line.each("not_run")),
        workarounds=one.texts("workarounds"),
        clock=next((it.text("says") for it in one.each("federal") if it.text("table").startswith(_CLOCK)), ""),
        to_confirm=bool(one.value.get("to_confirm")),
        page=files.text("page"),
    )


def _inside(folder: Path, name: str) -> Path:
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise Malformed(f"index.json names {name[:80]!r}, which lies outside {folder}")
    return file


def _bytes_of(file: Path, limit: int = JSON_LIMITS.size_bytes) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from None


def bill_of_materials(file: Path) -> Inventory:
    """Return the components of a CycloneDX or SPDX bill of materials in JSON.

    Raises:
        NotFound: there is no such file.
        Malformed: it is neither, or has another shape than its standard's.
    """
    value = load_json(_bytes_of(file))
    if isinstance(value, dict) and "bomFormat" in value:
        found = cyclonedx.components(value)
    elif isinstance(value, dict) and "spdxVersion" in value:
        found = spdx.components(value)
    else:
        raise Malformed(f"{file} is no CycloneDX or SPDX bill of materials in JSON")
    return Inventory(tuple(replace(it, purl=_versioned(it), place=f"{file}: {it.place}") for it in found))


def _versioned(one: Component) -> purls.Purl | None:
    """Return the purl with the version that the component states beside it, if the purl has none."""
    if one.purl is None or one.purl.version or not one.version:
        return one.purl
    return one.purl.at(one.version)


def python_packages(folders: Iterable[Path]) -> Inventory:
    """Return the Python distributions installed in these folders of an interpreter's search path."""
    from importlib.metadata import distributions

    found: dict[str, Component] = {}
    unread: list[str] = []
    for folder in dict.fromkeys(folders):
        for one in distributions(path=[str(folder)]):
            place = str(getattr(one, "_path", folder))
            try:
                found[place] = _distribution(one.metadata.get("Name"), one.metadata.get("Version"), place)
            except (Malformed, OSError, UnicodeError, KeyError) as error:
                unread.append(f"{place}: {error}")
    return Inventory(tuple(found.values()), tuple(unread))


def _distribution(name: str | None, version: str | None, place: str) -> Component:
    if not name or not version:
        raise Malformed("its metadata has no name or no version")
    return Component(name, version, purls.build("pypi", name, version=version), place=place)


def node_packages(root: Path) -> Inventory:
    """Return the packages in the ``node_modules`` of a folder, those inside others too; links are not followed.

    Raises:
        NotFound: the folder has no ``node_modules``.
        Malformed: there are more packages than are read.
    """
    top = root if root.name == "node_modules" else root / "node_modules"
    if not top.is_dir():
        raise NotFound(f"there is no node_modules in {root}")
    found: list[Component] = []
    unread: list[str] = []
    for folder in _package_folders(top):
        if len(found) >= _MOST_PACKAGES:
            raise Malformed(f"more than {_MOST_PACKAGES} packages in {top}")
        try:
            found.append(_node_package(folder))
        except (Malformed, NotFound) as refusal:
            reason = refusal.problems[0].reason if isinstance(refusal, Refused) else refusal
            unread.append(f"{folder / 'package.json'}: {reason}")
    return Inventory(tuple(found), tuple(unread))


def _package_folders(top: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(top):
        folders.sort()
        here = Path(place)
        holder = here.parent.parent if here.parent.name.startswith("@") else here.parent
        if "package.json" in files and holder.name == "node_modules":
            yield here


def _node_package(folder: Path) -> Component:
    said = fields(load_json(_bytes_of(folder / "package.json", _LARGEST_PACKAGE_FILE)), "")
    name, version = said.text("name", needed=True), said.text("version", needed=True)
    namespace, _, short = name.rpartition("/")
    return Component(name, version, purls.build("npm", short, namespace=namespace, version=version), place=str(folder))


def together(*inventories: Inventory) -> Inventory:
    """Return several inventories as one."""
    return Inventory(
        tuple(component for one in inventories for component in one.components),
        tuple(text for one in inventories for text in one.unread),
    )
