"""``clearinghouse clear``: reports in; verdicts, joined cases in order of work and draft advisories out."""

from pathlib import Path
from typing import Any

import click

from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit

STATE = "state"
EXIT_INTERRUPTED = 130


def own_folder(out: Path, reports: tuple[Path, ...]) -> None:
    """Make the output folder, for its owner's eyes only; refuse one that holds anything that is not ours.

    Raises:
        Malformed: it is in use for something else, or it lies in, or holds, one of the reports.
    """
    from clearinghouse.errors import Malformed

    here = out.absolute().resolve()
    for report in reports:
        there = report.absolute().resolve()
        if here == there or here.is_relative_to(there) or there.is_relative_to(here):
            raise Malformed(f"the output folder {out} and the reports {report} lie one in the other; keep them apart")
    if out.is_dir() and any(out.iterdir()) and not (out / STATE / "clearinghouse.sqlite3").is_file():
        raise Malformed(f"{out} holds other things; name an empty folder, a new one, or that of an earlier clearing")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)


@click.command()
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("clearing-out"),
    show_default=True,
    help="Where the results go. A clearing that was stopped goes on when it is started again with the same folder.",
)
@click.option("--target", default="", help="purl with version, for documents that do not name what they are about.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Proofs judged at the same time."
)
@click.option("--exhaustive", is_flag=True, help="Run the proof on every release instead of searching for the borders.")
@click.option(
    "--feeds", type=click.Path(path_type=Path, exists=True), help="Folder with KEV and EPSS snapshots to use."
)
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Signing key; made on first use.")
@click.option(
    "--with-releases",
    is_flag=True,
    help="Carry the releases in each evidence bundle, so that `verify` needs no network. Makes them large.",
)
@click.option("--anew", is_flag=True, help="Judge again what an earlier clearing into the same folder had judged.")
@click.option("--server", default="", help="Address of a clearinghouse that clears them; --out gets its index.json.")
@click.option("--token", default="", envvar="CLEARINGHOUSE_TOKEN", help="Your token for it; better in the environment.")
@click.option("--json", "as_json", is_flag=True, help="Print index.json instead of tables.")
@refusals_exit
def clear(
    *,
    reports: tuple[Path, ...],
    out: Path,
    target: str,
    jobs: int,
    exhaustive: bool,
    feeds: Path | None,
    key: Path | None,
    with_releases: bool,
    anew: bool,
    server: str,
    token: str,
    as_json: bool,
) -> None:
    """Take REPORTS (report folders, archives, foreign files, or folders of them) through the whole clearing.

    Exits 3 when a report could not be taken in; every other report is cleared all the same.
    """
    if server:
        from clearinghouse.commands.elsewhere import clear_elsewhere

        if clear_elsewhere(reports, out=out, target=target, server=server, token=token, as_json=as_json):
            raise click.exceptions.Exit(EXIT_REFUSED)
        return
    from clearinghouse.commands.django import start
    from clearinghouse.config import settings

    own_folder(out, reports)
    settings.CLEARINGHOUSE_EXHAUSTIVE = exhaustive
    start(out / STATE / "clearinghouse.sqlite3", done_again=True)

    from clearinghouse.commands.clearing import Clearing
    from clearinghouse.commands.tables import show_result

    try:
        clearing = Clearing(out, key=key)
        clearing.pin_feeds(feeds)
        clearing.take_in(reports, target=target)
        if anew or exhaustive:
            clearing.judge_anew(only_searched=not anew)
        failed = clearing.work(jobs=jobs)
        index: dict[str, Any] = clearing.write(with_releases=with_releases)
    except KeyboardInterrupt:
        click.echo("\nstopped; start the same command again and it goes on where it was", err=True)
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        click.echo((out / "index.json").read_text(encoding="utf-8"), nl=False)
    else:
        show_result(index, out)
    if failed:
        again = f"start `clearinghouse clear` with --out {out} again to take up what is left"
        raise click.ClickException(f"{failed} steps failed on our side; what they concern is not judged; {again}")
    if any(one.get("stage") == "intake" for one in index["refused"]):
        raise click.exceptions.Exit(EXIT_REFUSED)
