"""``clearinghouse affected``: which of my packages do these cases touch, and what to do today."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit

if TYPE_CHECKING:
    from clearinghouse.exposure.queries import Inventory
    from clearinghouse.exposure.rules import Exposed

_ASK_PATH = "import json, sys; print(json.dumps([one for one in sys.path if one]))"
_ASK_SECONDS = 30


@click.command()
@click.option(
    "--from",
    "results",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    help="Output folder of clearinghouse clear.",
)
@click.option("--installed", is_flag=True, help="Look at what is installed: Python packages, and node_modules.")
@click.option(
    "--sbom",
    "sboms",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    help="Bill of materials, CycloneDX or SPDX in JSON; repeat for more.",
)
@click.option(
    "--python",
    "interpreter",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Interpreter to look at.",
)
@click.option(
    "--site",
    "sites",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    multiple=True,
    help="Folder of installed Python packages instead of an interpreter's; repeat for more.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder whose node_modules to look at (default: here, if there is one).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--html", "html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file too.")
@click.option("--fail", is_flag=True, help="Exit 3 when something is affected, for use in a pipeline.")
@refusals_exit
def affected(
    *,
    results: Path,
    installed: bool,
    sboms: tuple[Path, ...],
    interpreter: Path | None,
    sites: tuple[Path, ...],
    root: Path | None,
    as_json: bool,
    html: Path | None,
    fail: bool,
) -> None:
    """Say which of your packages these cases touch, and what to do today."""
    from clearinghouse.exposure.queries import bill_of_materials, cases_in, together
    from clearinghouse.exposure.rules import exposed

    if not installed and not sboms:
        raise click.UsageError("name what to look at: --installed, or --sbom FILE")
    if not installed and (interpreter or sites or root):
        raise click.UsageError("--python, --site and --root go with --installed")
    cases = cases_in(results)
    inventories = [bill_of_materials(file) for file in sboms]
    if installed:
        inventories += _installed(interpreter, sites, root)
    inventory = together(*inventories)
    found = exposed(inventory.components, cases)
    if html is not None:
        from clearinghouse.exposure.page import page

        html.write_text(page(found, inventory), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(_as_json(found, inventory), indent=2))
    else:
        _print(found, inventory)
    if fail and any(one.is_affected for one in found):
        raise click.exceptions.Exit(EXIT_REFUSED)


def _installed(interpreter: Path | None, sites: Sequence[Path], root: Path | None) -> "list[Inventory]":
    from clearinghouse.exposure.queries import node_packages, python_packages

    folders = list(sites) if sites else [Path(one) for one in _search_path(interpreter)]
    found = [python_packages(folders)]
    if root is not None or Path("node_modules").is_dir():
        found.append(node_packages(root or Path.cwd()))
    return found


def _search_path(interpreter: Path | None) -> list[str]:
    """Return where an interpreter looks for packages; it is asked itself, without its start-up files of this folder."""
    if interpreter is None:
        return [one for one in sys.path if one]
    from clearinghouse.errors import Unavailable

    try:
        ended = subprocess.run(
            [str(interpreter.absolute()), "-I", "-c", _ASK_PATH],
            capture_output=True,
            check=True,
            timeout=_ASK_SECONDS,
            text=True,
        )
        folders: list[str] = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise Unavailable(
            f"{interpreter} does not say where its packages are: {error}; name a folder with --site"
        ) from None
    return folders


def _as_json(found: "Sequence[Exposed]", inventory: "Inventory") -> dict[str, Any]:
    from clearinghouse.exposure.rules import in_short, today, until_then

    return {
        "schema": "clearinghouse/affected/1",
        "says": in_short(found, looked_at=len(inventory.components)),
        "looked_at": len(inventory.components),
        "components": [
            {
                "name": one.component.name,
                "version": one.component.version,
                "purl": str(one.component.purl),
                "place": one.component.place,
                "affected": one.is_affected,
                "upgrade_to": one.upgrade_to or None,
                "today": today(one),
                "until_then": list(until_then(one)),
                "cases": [
                    {
                        "key": touch.case.key,
                        "title": touch.case.title,
                        "aliases": list(touch.case.record.aliases),
                        "band": touch.case.band,
                        "why": list(touch.case.why),
                        "exposure": str(touch.exposure),
                        "says": touch.why,
                        "fixed_in": touch.fixed_in or None,
                        "clock": touch.case.clock or None,
                        "to_confirm": touch.case.to_confirm,
                    }
                    for touch in one.touches
                ],
            }
            for one in found
        ],
        "unnamed": [{"name": one.name, "version": one.version, "place": one.place} for one in inventory.unnamed],
        "unread": list(inventory.unread),
    }


def _print(found: "Sequence[Exposed]", inventory: "Inventory") -> None:
    from clearinghouse.exposure.rules import Exposure, in_short, today, until_then

    click.echo(in_short(found, looked_at=len(inventory.components)))
    for one in found:
        click.echo(f"\n{plain(one.component.name)} {plain(one.component.version)}")
        click.echo(f"  in      {plain(one.component.place)}")
        for touch in one.touches:
            names = ", ".join(touch.case.record.aliases)
            click.echo(
                f"  {plain(touch.case.band):<11} {plain(touch.case.title)}{f' ({plain(names)})' if names else ''}"
            )
            if touch.exposure is Exposure.UNKNOWN:
                click.echo(f"              may be affected: {plain(touch.why)}")
            if touch.case.clock:
                click.echo(f"              by when (BOD 26-04): {plain(touch.case.clock)}")
        click.echo(f"  today   {plain(today(one))}")
        for text in until_then(one):
            click.echo(f"  until   {plain(text)}")
    if inventory.unnamed:
        click.echo(f"\n{len(inventory.unnamed)} without a purl could not be matched; --json names them.")
    if inventory.unread:
        click.echo(f"\n{len(inventory.unread)} could not be read; --json names them.")
