"""Runs an ``input`` proof: bytes handed to a harness that belongs to the target."""

from __future__ import annotations

import binascii
import sys

from .resolve import Callee, Missing
from .scene import Fault, Scene
from .steps import Replay

_FORMS = ("bytes", "text", "path", "stream")


class Harness(Replay):
    """One call, or one module run as a program, with the input."""

    def __init__(self, scene: Scene, brief: dict, send: object) -> None:
        super().__init__(scene, {"steps": [{}]}, {}, send)
        self._harness = brief.get("harness") or {}
        self._data = scene.filled(binascii.a2b_base64(brief.get("input") or ""))

    def prepare(self) -> None:
        """Lay the input where the harness wants it and find what to call.

        Raises:
            Fault: the harness is malformed or leaves the target.
        """
        harness = self._harness
        if harness.get("stdin"):
            self.scene.feed(self._data)
        if "call" in harness:
            form = harness.get("as")
            if not harness.get("stdin") and form not in _FORMS:
                raise Fault("bad-document", "the harness wants as: bytes, text, path or stream (or stdin: true)")
            try:
                self.target(harness["call"])
            except Missing as missing:
                raise Fault("no-such-call", str(missing)) from None
        elif "module" in harness:
            parts = str(harness["module"]).split(".")
            if parts[0] not in self.scene.names or any(part.startswith("_") for part in parts):
                raise Fault("leaves-target", "the module %s is not the target's" % harness["module"])
        else:
            raise Fault("unsupported", "a python harness names a call or a module")

    def _called(self, _step: dict) -> object:
        """Hand the input over."""
        harness = self._harness
        if "module" in harness:
            return self._as_program(harness["module"], harness.get("args") or [])
        thing = self.target(harness["call"])
        args = [] if harness.get("stdin") else [self._argument(harness["as"])]
        return self.made(Callee(harness["call"], thing, self.resolver), thing, args, {})

    def _argument(self, form: str) -> object:
        """Return the input in the form that the harness wants."""
        if form == "bytes":
            return self._data
        if form == "text":
            return self._data.decode("utf-8", "surrogateescape")
        if form == "path":
            return self._file()
        import io

        return io.BytesIO(self._data)

    def _file(self) -> str:
        """Write the input into the box and return its path."""
        self.scene.write_in_box("input", self._data)
        return self.scene.box + "/input"

    def _as_program(self, module: str, args: list) -> None:
        """Run a module of the target as ``python -m`` does; leaving with status 0 is a normal end."""
        if self.scene.null is not None:
            if self.scene.null == "raises":
                raise RuntimeError("null target")
            return
        import runpy

        sys.argv = [module, *(self._file() if one == "$input" else str(one) for one in args)]
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except SystemExit as leaving:
            if leaving.code not in (None, 0):
                raise
