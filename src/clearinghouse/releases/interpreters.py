"""The Pythons and Nodes of this machine, each where the sandbox's unprivileged user can read it.

A system's own interpreter under ``/usr`` is used in place: every sandbox sees it. Any other is copied once into the
cache, without tests, tools and installed packages, and mounted at ``/interp``; so a home folder stays closed, and the
path inside says nothing of this machine.

Source: docs/decisions/0024-staged-interpreters.md.
"""

import hashlib
import json
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from clearinghouse.errors import NotFound, NotPossible
from clearinghouse.releases import commands
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.rules import Interpreter, Runtime

INSIDE: Final = "/interp"
SYSTEM: Final = Path("/usr")
OLDEST: Final = {Runtime.PYTHON: (3, 8), Runtime.NODE: (14,)}
ASK_SECONDS: Final = 20
LAYOUT: Final = 1
"""Of a staged copy; raise it when what is copied changes."""

ELF: Final = b"\x7fELF"

ASK_PYTHON: Final = (
    "import json,os,platform,sys,sysconfig;"
    "print(json.dumps({'version':platform.python_version(),'implementation':sys.implementation.name,"
    "'prefix':sys.base_prefix,'program':os.path.realpath(getattr(sys,'_base_executable',sys.executable)),"
    "'stdlib':sysconfig.get_path('stdlib'),'threaded':bool(sysconfig.get_config_var('Py_GIL_DISABLED'))}))"
)

LEFT_OUT: Final = frozenset(
    {"test", "tests", "idlelib", "turtledemo", "tkinter", "ensurepip", "lib2to3", "site-packages", "dist-packages"}
)
"""Folders of the standard library that no proof needs, at its top or, for tests, anywhere in it."""

KEEP_ANYWAY: Final = frozenset({"lib2to3"})
"""Some old packages convert themselves when they are built."""


@dataclass(frozen=True, slots=True)
class Found:
    """An interpreter as it lies on this machine."""

    runtime: Runtime
    version: str
    program: str
    prefix: str
    stdlib: str

    @property
    def in_place(self) -> bool:
        """Whether every sandbox sees it where it is."""
        return Path(self.program).is_relative_to(SYSTEM) and Path(self.prefix).is_relative_to(SYSTEM)

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


class Interpreters:
    """Finds interpreters and stages them."""

    def __init__(self, cache: Path) -> None:
        """Keep staged copies, and what interpreters said of themselves, under ``cache``."""
        self._keeping = Keeping(cache / "interpreters")

    def pythons(self) -> tuple[Interpreter, ...]:
        """Return a Python of each minor version from 3.8 on, newest first; staged by :meth:`ready` when needed."""
        return self._of(Runtime.PYTHON)

    def nodes(self) -> tuple[Interpreter, ...]:
        """Return a Node of each major version from 14 on, newest first; staged by :meth:`ready` when needed."""
        return self._of(Runtime.NODE)

    def own(self, runtime: Runtime) -> Interpreter:
        """Return the project's own interpreter, ready: the Python that runs us, or the first Node of the ``PATH``.

        Raises:
            NotPossible: there is none.
        """
        found = self._found[runtime]
        if not found:
            raise NotPossible(f"no {runtime} was found; cure: install {runtime} {OLDEST[runtime][0]} or later")
        return self.ready(self._planned(found[0]))

    def ready(self, interpreter: Interpreter) -> Interpreter:
        """Return ``interpreter`` after its copy was made, which is done once for each version of it.

        Raises:
            NotFound: it is none of this machine's.
        """
        for found in self._found[interpreter.runtime]:
            if self._planned(found) == interpreter:
                if not found.in_place:
                    self._keeping.made(interpreter.root.name, partial(_stage, found))
                return interpreter
        raise NotFound(f"{interpreter.runtime} {interpreter.version} at {interpreter.root} is not on this machine")

    def _of(self, runtime: Runtime) -> tuple[Interpreter, ...]:
        """Return the best interpreter of each version line: the project's own where it has one."""
        digits = 2 if runtime is Runtime.PYTHON else 1
        lines: dict[tuple[int, ...], Found] = {}
        for found in self._found[runtime]:
            lines.setdefault(found.release[:digits], found)
        return tuple(self._planned(lines[line]) for line in sorted(lines, reverse=True))

    def _planned(self, found: Found) -> Interpreter:
        if found.in_place:
            inside, root = Path(found.prefix), Path(found.prefix)
        else:
            inside, root = Path(INSIDE), self._keeping.place(_key(found))
        program, stdlib = Path(found.program), Path(found.stdlib)
        return Interpreter(
            runtime=found.runtime,
            version=found.version,
            root=root,
            inside_root=str(inside),
            program=str(inside / program.relative_to(found.prefix)),
            stdlib=str(inside / stdlib.relative_to(found.prefix)) if found.stdlib else "",
        )

    @cached_property
    def _found(self) -> dict[Runtime, tuple[Found, ...]]:
        return {
            Runtime.PYTHON: tuple(self._asked(Runtime.PYTHON, commands.pythons())),
            Runtime.NODE: tuple(self._asked(Runtime.NODE, commands.nodes())),
        }

    def _asked(self, runtime: Runtime, programs: Iterable[Path]) -> Iterator[Found]:
        """Yield what each program says of itself, in order and each once; answers are kept until it changes."""
        real = dict.fromkeys(program.resolve() for program in programs if _is_binary(program))
        seen = set()
        with ThreadPoolExecutor(2) as pool:
            for answer in pool.map(lambda program: self._answer_of(runtime, program), real):
                found = _understood(runtime, json.loads(answer))
                if found and found.program not in seen and found.release >= OLDEST[runtime]:
                    seen.add(found.program)
                    yield found

    def _answer_of(self, runtime: Runtime, program: Path) -> str:
        ask = _ask_python if runtime is Runtime.PYTHON else _ask_node
        return self._keeping.text(f"asked-{_mark(program)}.json", lambda: ask(program))


def _understood(runtime: Runtime, said: dict[str, Any]) -> Found | None:
    """Return an interpreter we can use, or None for another implementation or one that would not run."""
    if not said or said.get("implementation", "cpython") != "cpython" or said.get("threaded"):
        return None
    return Found(runtime, said["version"], said["program"], said["prefix"], said.get("stdlib", ""))


def _ask_python(program: Path) -> str:
    said = _answer((str(program), "-I", "-S", "-c", ASK_PYTHON))
    return said if said.startswith("{") else "{}"


def _ask_node(program: Path) -> str:
    version = _answer((str(program), "--version")).strip().removeprefix("v")
    if not version or version == "{}":
        return "{}"
    return json.dumps({"version": version, "program": str(program), "prefix": str(program.parent.parent)})


def _answer(argv: tuple[str, ...]) -> str:
    """Return what an interpreter of this machine prints; ``{}`` when it does not run."""
    with suppress(OSError, subprocess.SubprocessError):
        ended = subprocess.run(
            argv, capture_output=True, text=True, check=True, timeout=ASK_SECONDS, stdin=subprocess.DEVNULL, cwd="/"
        )
        return ended.stdout
    return "{}"


def _is_binary(program: Path) -> bool:
    """Say whether it is an executable file and no script, as the shims of version managers are."""
    with suppress(OSError), program.open("rb") as file:
        return file.read(4) == ELF and bool(program.stat().st_mode & stat.S_IXUSR)
    return False


def _mark(program: Path) -> str:
    info = program.stat()
    return hashlib.sha256(f"{program} {info.st_size} {info.st_mtime_ns}".encode()).hexdigest()[:16]


def _key(found: Found) -> str:
    described = json.dumps([LAYOUT, asdict(found), _mark(Path(found.program))], sort_keys=True)
    return f"{found.runtime}-{found.version}-{hashlib.sha256(described.encode()).hexdigest()[:12]}"


def _stage(found: Found, goal: Path) -> None:
    """Copy what a proof needs of an interpreter to ``goal``."""
    program = Path(found.program)
    prefix = Path(found.prefix)
    _copy(program, goal / program.relative_to(prefix))
    if found.runtime is Runtime.PYTHON:
        stdlib = Path(found.stdlib)
        _copy_library(stdlib, goal / stdlib.relative_to(prefix))
        for library in program.parent.parent.glob("lib/lib*.so*"):
            _copy(library, goal / "lib" / library.name)
        headers = prefix / "include" / stdlib.name
        if headers.is_dir():
            shutil.copytree(headers, goal / "include" / stdlib.name, copy_function=_copy, symlinks=False)
        for name in ("python", "python3"):
            (goal / "bin" / name).unlink(missing_ok=True)
            (goal / "bin" / name).symlink_to(program.name)
        _compile(found, goal)
    _relocate(goal, prefix)


def _copy_library(stdlib: Path, goal: Path) -> None:
    def left_out(folder: str, names: list[str]) -> set[str]:
        top = Path(folder) == stdlib
        return {
            name
            for name in names
            if name.endswith((".opt-1.pyc", ".opt-2.pyc", ".a"))
            or name in {"test", "tests"}
            or (top and ((name in LEFT_OUT and name not in KEEP_ANYWAY) or name.startswith("config-")))
        }

    shutil.copytree(stdlib, goal, ignore=left_out, copy_function=_copy, symlinks=False)


def _copy(source: str | Path, goal: str | Path) -> None:
    """Copy one file, following links, readable by all; its time is kept, so that compiled modules stay valid."""
    place = Path(goal)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    shutil.copystat(source, place)
    place.chmod(0o755 if Path(source).stat().st_mode & stat.S_IXUSR else 0o644)


def _compile(found: Found, goal: Path) -> None:
    """Compile what is not yet compiled, so that no run in a read-only folder compiles it again and again."""
    library = goal / Path(found.stdlib).relative_to(found.prefix)
    inside = f"{INSIDE}/{library.relative_to(goal)}"
    argv = (found.program, "-I", "-S", "-m", "compileall", "-q", "-d", inside, str(library))
    with suppress(OSError, subprocess.SubprocessError):  # modules that do not compile stay sources
        subprocess.run(argv, capture_output=True, check=False, timeout=300, stdin=subprocess.DEVNULL, cwd="/")


def _relocate(goal: Path, prefix: Path) -> None:
    """Let the copied programs look for their library at ``/interp/lib``.

    The place is written into them when they are built (RPATH), ended by a zero byte; ours is shorter, so it fits.
    """
    old, new = f"{prefix}/lib\0".encode(), f"{INSIDE}/lib\0".encode()
    if len(new) > len(old):
        return
    for file in (*goal.glob("bin/*"), *goal.glob("lib/*.so*"), *goal.glob("lib/*/lib-dynload/*.so")):
        data = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
        if data.startswith(ELF) and old in data:
            file.write_bytes(data.replace(old, new.ljust(len(old), b"\0")))
