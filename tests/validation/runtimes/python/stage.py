"""A stage for runner tests: a small target package, a real sandbox, one start of the runner."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearinghouse.releases.rules import Interpreter
from clearinghouse.sandbox.profile import Job, Limits, Mount, Sandbox
from tests.validation.runtimes.python.witness import Seen, read

TOKEN = "k3jq8w2mzp0v7xtd"
NONCE = {"$nonce": True}
NONE: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Stage:
    """A target and dependencies on disk, an interpreter and a sandbox."""

    folder: Path
    interpreter: Interpreter
    sandbox: Sandbox
    runner: Path
    names: tuple[str, ...] = ("pkg",)
    token: str = TOKEN

    def lay(self, files: Mapping[str, str], where: str = "target") -> None:
        """Write files of the target, or with ``where="deps"`` of its dependencies."""
        for name, text in files.items():
            path = self.folder / where / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o644)
        for folder in [self.folder, *self.folder.rglob("*")]:
            if folder.is_dir():
                folder.chmod(0o755)

    def start(self, mode: str, detector: str, brief: Mapping[str, Any], files: Mapping[str, bytes] = NONE) -> Seen:
        """Start the runner once and return what it reported."""
        key = secrets.token_bytes(32)
        for where in ("target", "deps"):
            (self.folder / where).mkdir(exist_ok=True)
        document: dict[str, Any] = {
            "v": 1, "key": key.hex(), "mode": mode, "detector": detector, "token": self.token, "null": None,
            "target": {
                "package": "pkg:pypi/pkg", "name": "pkg", "version": "1.2", "names": list(self.names),
                "root": "/target", "deps": "/deps", "stdlib": self.interpreter.stdlib,
            },
            "limit_seconds": 20, "hold": {}, "sizes": [], "expect": {}, "harness": None, "document": None, "input": "",
            "program": "",
            **brief,
        }  # fmt: skip
        mounts = (
            Mount(self.interpreter.root, self.interpreter.inside_root),
            Mount(self.runner, "/runner"),
            Mount(self.folder / "target", "/target"),
            Mount(self.folder / "deps", "/deps"),
        )
        job = Job(
            argv=(self.interpreter.program, "-I", "-B", "-S", "/runner/main.py", "{brief}", "{records}"),
            mounts=mounts,
            brief=json.dumps(document).encode(),
            files=files,
            limits=Limits(wall_seconds=float(document["limit_seconds"]) + 10),
        )
        return read(self.sandbox.run(job), key)

    def calls(self, detector: str, *steps: Mapping[str, Any], **brief: object) -> Seen:
        """Replay steps."""
        around = brief.pop("around", {})
        assert isinstance(around, dict)
        return self.start("calls", detector, {"document": {"steps": list(steps), **around}, **brief})

    def replay(self, detector: str, document: Mapping[str, Any]) -> Seen:
        """Replay a whole document."""
        return self.start("calls", detector, {"document": document})

    def input(self, detector: str, data: bytes, harness: Mapping[str, Any], **brief: object) -> Seen:
        """Hand bytes to a harness."""
        given = {"input": base64.b64encode(data).decode(), "harness": dict(harness)}
        return self.start("input", detector, {**given, **brief})

    def program(self, detector: str, text: str, *, mode: str = "program", **brief: object) -> Seen:
        """Run a program of the finder's."""
        return self.start(mode, detector, {"program": "proof.py", **brief}, {"proof/proof.py": text.encode()})

    def record(self, detector: str, text: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Run a program under the recorder and return (document, what was lost)."""
        seen = self.program(detector, text, mode="record")
        last = seen.of("calls")[-1]
        return last["document"], last["lossy"]


def act_frames(seen: Seen, detector: str) -> list[tuple[str, str]]:
    """Return (owner, function) of the frames at the first act of a detector."""
    return [(one["owner"], one["function"]) for one in seen.acts(detector)[0]["frames"]]
