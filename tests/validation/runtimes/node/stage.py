"""A stage for runner tests: a small target package, a real sandbox, one start of the Node runner."""

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

RUNNER = Path(__file__).parents[4] / "src/clearinghouse/validation/runtimes/node"
TARGETS = Path(__file__).parent / "targets"
TOKEN = "k3jq8w2mzp0v7xtd"
NONCE = {"$nonce": True}
type Json = Any
"""Any JSON value, as documents and briefs hold it."""

EXPECTATIONS = frozenset({"must_raise", "must_not_contain", "must_equal", "must_not_inherit", "drain"})


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder of packages on disk, one of which is the target, an interpreter and a sandbox."""

    packages: Path
    """A folder of packages, with the target or, where that is given apart, an empty folder for it."""
    interpreter: Interpreter
    sandbox: Sandbox
    name: str = "flawed"
    target: Path | None = None

    def start(self, mode: str, detector: str, files: Mapping[str, bytes] | None = None, **brief: Json) -> Seen:
        """Start the runner once and return what it reported."""
        key = secrets.token_bytes(32)
        document = {
            "v": 1, "key": key.hex(), "mode": mode, "detector": detector, "token": TOKEN, "null": None,
            "target": {
                "package": f"pkg:npm/{self.name}", "name": self.name, "version": "1.2.3", "names": [self.name],
                "root": f"/app/node_modules/{self.name}", "deps": "/app/node_modules", "stdlib": "",
            },
            "limit_seconds": 10, "hold": {}, "sizes": [], "expect": {}, "harness": None, "document": None, "input": "",
            "program": "",
            **brief,
        }  # fmt: skip
        packages = [Mount(self.packages, "/app/node_modules")]
        if self.target is not None:
            packages.append(Mount(self.target, f"/app/node_modules/{self.name}"))
        job = Job(
            argv=(self.interpreter.program, "/runner/main.js", "{brief}", "{records}"),
            mounts=(
                Mount(self.interpreter.root, self.interpreter.inside_root),
                Mount(RUNNER, "/runner"),
                *packages,
            ),
            brief=json.dumps(document).encode(),
            files=files or {},
            limits=Limits(wall_seconds=float(document["limit_seconds"]) + 10),
        )
        return read(self.sandbox.run(job), key)

    def calls(self, detector: str, *steps: Mapping[str, Json], **brief: Json) -> Seen:
        """Replay steps."""
        document = {"steps": list(steps), **brief.pop("around", {})}
        return self.start("calls", detector, document=document, **brief)

    def call(self, detector: str, path: str, *args: Json, **more: Json) -> Seen:
        """Replay one call; ``more`` are expectations of its step and parts of the brief."""
        expected = {key: more.pop(key) for key in list(more) if key in EXPECTATIONS}
        return self.calls(detector, {"call": path, "args": list(args), **expected}, **more)

    def input(self, detector: str, data: bytes, harness: Mapping[str, Json], **brief: Json) -> Seen:
        """Hand bytes to a harness."""
        return self.start("input", detector, input=base64.b64encode(data).decode(), harness=dict(harness), **brief)

    def program(
        self, detector: str, text: str, *, mode: str = "program", name: str = "proof.js", **brief: Json
    ) -> Seen:
        """Run a program of the finder's."""
        return self.start(mode, detector, {f"proof/{name}": text.encode()}, program=name, **brief)

    def record(self, text: str, *, detector: str = "command-execution", name: str = "proof.js") -> dict[str, Json]:
        """Run a program under the recorder and return the last record ``calls``."""
        return self.program(detector, text, mode="record", name=name).of("calls")[-1]


def frames(seen: Seen, detector: str) -> list[tuple[str, str]]:
    """Return (owner, function) of the frames at the first act of a detector, the platform's own left out."""
    first = seen.acts(detector)[0]["frames"]
    return [(one["owner"], one["function"]) for one in first if one["owner"] != "library"]


def is_clean(seen: Seen, detector: str) -> bool:
    """Say whether a judge would count an act of this run as the target's."""
    return not seen.of("tamper") and bool(seen.blamed(detector) & {"target", "dependency"})
