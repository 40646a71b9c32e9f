"""Where a proof plays: the box it works in, the zone with the canary, and whose files lie where."""

from __future__ import annotations

import posix
import sys

CANARY_TEXT = "the canary was read"


class Fault(Exception):
    """The proof could not be run; ``code`` is one of the contract's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail[:300]


class Scene:
    """Everything about this start that a part of the runner needs to know; no key in it."""

    def __init__(self, brief: dict, base: str = "") -> None:
        """``base``: the folder of the job, where that is not the working directory."""
        target = brief["target"]
        self.mode = brief["mode"]
        self.detector = brief.get("detector") or ""
        self.token = brief["token"]
        self.null = brief.get("null")
        self.names = tuple(target["names"])
        self.version = target["version"]
        self.root = target["root"].rstrip("/") + "/"
        self.deps = target["deps"].rstrip("/") + "/"
        self.stdlib = (target.get("stdlib") or _standard_library()).rstrip("/") + "/"
        self.base = base or posix.getcwd()
        self.box = self.base + "/box"
        self.proof = self.base + "/proof"
        self.zone = self.base + "/zone-" + self.token
        self.leaf = self.zone + "/leaf-" + self.token
        self.limit_seconds = float(brief.get("limit_seconds") or 20)
        self.step = None
        """Index of the step that runs now."""
        self.callee = None
        """What the running step calls: a ``resolve.Callee``."""

    def lay(self) -> None:
        """Make the box and the zone, stand in the box, and let the target be imported."""
        for folder in (self.box, self.zone):
            try:
                posix.mkdir(folder)
            except FileExistsError:
                pass
        if self.detector == "file-read":
            self.write(self.leaf, (CANARY_TEXT + " " + self.token + "\n").encode("ascii"))
            posix.utime(self.leaf, (0, posix.stat(self.leaf).st_mtime))
        posix.chdir(self.box)
        sys.path.extend([self.root[:-1], self.deps[:-1]])
        sys.dont_write_bytecode = True

    def canary(self, form: str) -> str:
        """Return the path of the canary: ``absolute``, ``relative`` to the box, or its ``name``."""
        if form == "relative":
            return "../zone-" + self.token + "/leaf-" + self.token
        if form == "name":
            return "leaf-" + self.token
        return self.leaf

    def whereabouts(self) -> dict:
        """Return what the supervisor of a crash needs: the running step and whose folders are whose."""
        roots = [["finder", self.proof + "/"]] if self.mode in ("program", "record") else []
        roots += [["target", self.root], ["dependency", self.deps], ["library", self.stdlib]]
        runner = __file__.rpartition("/")[0] + "/"
        return {"t": "now", "index": self.step, "roots": [["runner", runner], *roots]}

    def filled(self, data: bytes) -> bytes:
        """Return ``data`` with the placeholders of ``input`` and ``program`` proofs replaced."""
        if b"@@" not in data:
            return data
        for mark, text in (
            ("@@TOKEN@@", self.token),
            ("@@CANARY@@", self.leaf),
            ("@@CANARY:relative@@", self.canary("relative")),
            ("@@CANARY:name@@", self.canary("name")),
        ):
            data = data.replace(mark.encode("ascii"), text.encode("utf-8"))
        return data

    def write(self, path: str, data: bytes) -> None:
        """Write a file, with the folders it lies in."""
        folder = path.rpartition("/")[0]
        made = ""
        for part in folder.split("/")[1:]:
            made += "/" + part
            try:
                posix.mkdir(made)
            except OSError:
                pass
        place = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC | posix.O_CLOEXEC, 0o644)
        try:
            while data:
                data = data[posix.write(place, data) :]
        finally:
            posix.close(place)

    def write_in_box(self, name: str, data: bytes) -> None:
        """Write a file of the proof into the box.

        Raises:
            Fault: the name leaves the box.
        """
        parts = name.split("/")
        if not name or name.startswith("/") or ".." in parts or "\0" in name:
            raise Fault("bad-document", "a file of the set-up leaves the working directory: " + repr(name))
        self.write(self.box + "/" + name, data)

    def feed(self, data: bytes) -> None:
        """Make ``data`` what is read from standard input, by descriptor and by ``sys.stdin``."""
        self.pour(data)
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115

    def pour(self, data: bytes) -> None:
        """Make ``data`` what is read from the descriptor of standard input."""
        path = self.base + "/stdin"
        self.write(path, data)
        place = posix.open(path, posix.O_RDONLY)
        posix.unlink(path)
        posix.dup2(place, 0)
        posix.close(place)


def _standard_library() -> str:
    """Return the folder of this interpreter's own library."""
    for entry in sys.path:
        if entry.endswith("lib-dynload"):
            return entry.rpartition("/")[0]
    return sys.base_prefix + "/lib/python%d.%d" % sys.version_info[:2]
