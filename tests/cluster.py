"""A PostgreSQL of our own, for the time of a test run: its files in a temporary folder, reached by a socket there.

``python -m tests.cluster COMMAND…`` runs a command with ``CLEARINGHOUSE_DATABASE`` pointing at such a cluster.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

USER = "clearinghouse"
HELD = "office"
"""The role of ``create_held``."""
CALM = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
"""For tests of what is computed; a test of what survives asks for the defaults.

Rows of a test stand in a transaction that is undone: counted between two tests, each table is empty, and what is
planned for empty tables takes minutes.
"""
_SETTINGS = {"listen_addresses": "''", "max_connections": "100", "shared_buffers": "64MB", "log_min_messages": "panic"}


class NoPostgresql(Exception):
    """There is no PostgreSQL on this machine, or it cannot be started."""


def binaries() -> Path:
    """Return the folder of initdb and pg_ctl: on PATH, as ``pg_config`` says, or where Debian keeps them.

    Raises:
        NoPostgresql: there is none.
    """
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    told = shutil.which("pg_config")
    places = [Path(_output([told, "--bindir"]))] if told else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name), reverse=True)
    for place in places:
        if (place / "initdb").is_file():
            return place
    raise NoPostgresql("no initdb on PATH, by pg_config or under /usr/lib/postgresql: install PostgreSQL 15 or newer")


def _output(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


class Cluster:
    """A running PostgreSQL; it refuses to run as root, so root lends it another user."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = CALM) -> None:
        self.folder, self.bin = folder, binaries()
        self.owner = _unprivileged()
        folder.mkdir(parents=True, exist_ok=True)
        if self.owner:
            shutil.chown(folder, self.owner)
        folder.chmod(0o700)
        self._run(
            "initdb",
            "--auth=trust",
            f"--username={USER}",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata=data",
        )
        options = {**_SETTINGS, "unix_socket_directories": f"'{folder}'", **settings}
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "start", "--wait", "--silent", "--pgdata=data", "--log=log")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; ``immediate`` is what a crash looks like."""
        self._run("pg_ctl", "stop", "--silent", f"--mode={mode}", "--pgdata=data")

    def url(self, database: str = "postgres", *, user: str = USER) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}"

    def create(self, database: str) -> str:
        """Make a new database and return its address."""
        self._run("createdb", f"--host={self.folder}", f"--username={USER}", database)
        return self.url(database)

    def create_held(self, database: str) -> str:
        """Make a database as an office has it, of a role that the policies hold, and return its address.

        The superuser of the others sees past row-level security, and spares itself what that costs.
        """
        known = self.execute(f"SELECT count(*) FROM pg_roles WHERE rolname = '{HELD}'")  # noqa: S608 - ours
        if known == "0":
            self.execute(f"CREATE ROLE {HELD} LOGIN")
        self._run("createdb", f"--host={self.folder}", f"--username={USER}", f"--owner={HELD}", database)
        return self.url(database, user=HELD)

    def execute(self, statement: str, *, database: str = "postgres") -> str:
        """Run SQL as the superuser and return what it prints, one row a line."""
        argv = ["psql", f"--host={self.folder}", f"--username={USER}", "--no-psqlrc", "-XtAq", "-v", "ON_ERROR_STOP=1"]
        return self._run(*argv, f"--dbname={database}", f"--command={statement}").strip()

    def _run(self, program: str, *argv: str) -> str:
        done = subprocess.run(
            [str(self.bin / program), *argv],
            cwd=self.folder,
            user=self.owner,
            group=self.owner and pwd.getpwnam(self.owner).pw_gid,
            extra_groups=[] if self.owner else None,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if program != "pg_ctl" else subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NoPostgresql(f"{program} {' '.join(argv)} ended with {done.returncode}: {done.stdout}")
        return done.stdout


def _unprivileged() -> str | None:
    """Return the user that must run PostgreSQL here; None when we may do so ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoPostgresql(f"{getpass.getuser()} is root, and there is neither postgres nor nobody to run PostgreSQL as")


@contextmanager
def a_cluster(settings: Mapping[str, str] = CALM) -> Iterator[Cluster]:
    """Start a cluster in a new temporary folder; stop it and remove the folder in the end."""
    folder = Path(tempfile.mkdtemp(prefix="ch-pg-"))  # a short name: the path of a socket has at most 107 bytes
    try:
        cluster = Cluster(folder, settings)
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(argv: list[str]) -> int:
    """Run a command on a cluster of its own; where there is no PostgreSQL, say so and skip it."""
    try:
        binaries()
    except NoPostgresql as missing:
        print(f"PostgreSQL: skipped, {missing}", file=sys.stderr)  # noqa: T201
        return 0
    with a_cluster() as cluster:
        environment = {**os.environ, "CLEARINGHOUSE_DATABASE": cluster.create("clearinghouse")}  # noqa: TID251 - for a child
        return subprocess.run(argv, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
