"""Replays the steps of a ``calls`` document. It never branches: a step that fails is noted, and the next one runs."""

from __future__ import annotations

import types

from . import expectations, plain
from .resolve import Callee, Missing, Resolver
from .scene import Fault, Scene
from .values import Unmade, Values

_KINDS = ("call", "new", "method", "get")
_WORDS = {*_KINDS, "on", "args", "kw", "drain", *expectations.WORDS}
_VALUE_LIMIT = 64 * 1024
_MOST_WRAPPED = 10
_TAKES_ANY = 0x08
"""The flag of code that takes ``**kwargs``."""


class Replay:
    """A document being replayed."""

    def __init__(self, scene: Scene, document: dict, hold: dict, send: object) -> None:
        self.scene = scene
        self.results = {}
        self.resolver = Resolver(scene)
        self.values = Values(scene, self.results, self.target)
        self.send = send
        self.steps = document.get("steps")
        self._setup = document.get("setup") or {}
        self._returned_code = document.get("returned_code") is True
        self._tells_all = document.get("report_values") is True
        self._hold = hold
        self._loop = None
        self._found = {}
        self._declared = {}
        self.clock = None
        """In a growth run, what measures a call; else None."""
        self.spent = 0.0
        self.before_call = None
        """Told of each call before it is made."""

    def prepare(self) -> None:
        """Check the form, lay the files and resolve every path that can be resolved before the first step.

        Raises:
            Fault: the document is malformed, leaves the target, or the target cannot be imported.
        """
        if type(self.steps) is not list or not self.steps:
            raise Fault("bad-document", "the document has no steps")
        for index, step in enumerate(self.steps):
            _check(index, step)
        self.lay()
        for path in _paths(self.steps):
            try:
                self.target(path)
            except Missing:
                continue  # an earlier step may make it; it is looked up again when its step runs

    def lay(self) -> None:
        """Write the files of the set-up and feed standard input."""
        for name, content in (self._setup.get("files") or {}).items():
            self.scene.write_in_box(name, self.values.data(content))
        if self._setup.get("stdin") is not None:
            self.scene.feed(self.values.data(self._setup["stdin"]))

    def target(self, path: object) -> object:
        """Return what a path names, looked up once."""
        if path not in self._found:
            self._found[path] = self.resolver.find(path)
        return self._found[path]

    def run(self, after: object) -> None:
        """Run all steps; ``after(index, problem)`` is called when one has ended."""
        self.results.clear()
        for index, step in enumerate(self.steps):
            self.scene.step = index
            problem = None
            try:
                self._one(index, step)
            except Fault:
                raise
            except BaseException as raised:
                problem = raised
            if str(index) in self._hold:
                self.results[index] = self.values.build(self._hold[str(index)])
            after(index, problem)
        self.scene.step = None

    def _one(self, index: int, step: dict) -> None:
        """Run a step, keep its result and check what was expected of it."""
        result = self._called(step)
        if isinstance(result, types.CoroutineType):
            result = self._awaited(result)
        seen = result
        if step.get("drain") is not None:
            seen = self._timed(_drained, (result, step["drain"], self._awaited), {})
            if hasattr(type(result), "__next__") or hasattr(type(result), "__anext__"):
                result = seen
        self.results[index] = result
        for word, text in expectations.broken(step, seen, self.values):
            self.send({"t": "broken", "index": index, "expectation": word, "found": text})

    def _called(self, step: dict) -> object:
        """Do what a step says and return the result."""
        if "get" in step:
            return self.resolver.member(self.values.build(step["on"]), step["get"])
        if "method" in step:
            name = step["method"]
            thing = self.resolver.method(self.values.build(step["on"]), name)
        else:
            path = step["call"] if "call" in step else step["new"]
            if type(path) is dict:
                return self._returned(path, step)
            name = path
            try:
                thing = self.target(path)
            except Missing as missing:
                raise Fault("no-such-call", str(missing)) from None
        return self._invoked(Callee(name, thing, self.resolver), thing, step)

    def _returned(self, path: dict, step: dict) -> object:
        """Call code that the target returned, when the document says that this code is the flaw."""
        if not self._returned_code:
            raise Fault("leaves-target", "code that the target returned is called only under returned_code: true")
        thing = self.values.build(path)
        callee = Callee("returned", thing, self.resolver)
        callee.function = getattr(thing, "__name__", "returned")
        callee.ours = "returned"
        return self._invoked(callee, thing, step)

    def _invoked(self, callee: Callee, thing: object, step: dict) -> object:
        """Build the arguments and make the call."""
        args = [self.values.build(one) for one in step.get("args") or ()]
        named = {key: self.values.build(one) for key, one in (step.get("kw") or {}).items()}
        return self.made(callee, thing, args, named)

    def made(self, callee: Callee, thing: object, args: object, named: dict) -> object:
        """Make a call that was resolved, having said so."""
        self.scene.callee = callee
        if named and self.scene.step is not None:
            self._declared[self.scene.step] = _declared(thing)
        if self.before_call is not None:
            self.before_call(callee)
        return self._timed(thing, args, named)

    def _timed(self, thing: object, args: object, named: dict) -> object:
        """Make a call; in a growth run, add its CPU time."""
        if self.clock is None:
            return thing(*args, **named)
        begun = self.clock()
        try:
            return thing(*args, **named)
        finally:
            self.spent += self.clock() - begun

    def _awaited(self, waiting: object) -> object:
        """Run a coroutine to its end, all of one document on one loop."""
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._timed(self._loop.run_until_complete, (waiting,), {})

    def report(self, index: int, problem: object) -> None:
        """Send the record of a step that has ended."""
        record = {"t": "step", "index": index, "ok": problem is None}
        if self._declared.get(index) is not None:
            record["declared"] = self._declared[index]
        if problem is not None:
            record["raised"] = "no-result" if type(problem) is Unmade else type(problem).__name__
            record["text"] = plain.short(_said(problem), 200)
            self.send(record)
            return
        if (self._tells_all or index in self._wanted()) and index in self.results:
            try:
                value = plain.as_document(self.results[index])
                text = plain.dump(value)
            except Exception:
                value = plain.shown(self.results[index]) if self._tells_all else None
                text = value and plain.dump(value)
            if text is not None and len(text) <= _VALUE_LIMIT:
                record["value"] = value
        self.send(record)

    def _wanted(self) -> set:
        """Return the indexes of steps whose result a step uses."""
        return set(_marked("$ref", self.steps))


def _declared(thing: object) -> list | None:
    """Return the names of the parameters of a function that takes any others too; None where it takes only its own."""
    kind = type(thing)
    if kind is type:
        thing = thing.__dict__.get("__init__")
    elif kind is types.MethodType:
        thing = thing.__func__
    for _ in range(_MOST_WRAPPED):
        inner = thing.__dict__.get("__wrapped__") if type(thing) is types.FunctionType else None
        if type(inner) is not types.FunctionType:
            break
        thing = inner
    if type(thing) is not types.FunctionType or not thing.__code__.co_flags & _TAKES_ANY:
        return None
    code = thing.__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _check(index: int, step: object) -> None:
    """Raise a Fault unless ``step`` has the form of a step."""
    if type(step) is not dict:
        raise Fault("bad-document", "step %d is no mapping" % index)
    kinds = [kind for kind in _KINDS if kind in step]
    if len(kinds) != 1:
        raise Fault("bad-document", "step %d must have one of call, new, method, get" % index)
    unknown = sorted(set(step) - _WORDS)
    if unknown:
        raise Fault("bad-document", "step %d: unknown key %s" % (index, unknown[0][:60]))
    if "must_not_inherit" in step:
        raise Fault("unsupported", "must_not_inherit speaks of prototypes, which only node has")
    if kinds[0] in ("method", "get") and "on" not in step:
        raise Fault("bad-document", "step %d names no object with on" % index)
    for one in _marked("$ref", step):
        if type(one) is not int or not 0 <= one < index:
            raise Fault("bad-document", "step %d refers to step %s, which is no earlier step" % (index, one))
    if type(step.get("args") or []) is not list or type(step.get("kw") or {}) is not dict:
        raise Fault("bad-document", "step %d: args is a list and kw a mapping" % index)


def _marked(mark: str, value: object) -> list:
    """Return what stands behind ``mark`` anywhere in ``value``."""
    if type(value) is list:
        return [found for one in value for found in _marked(mark, one)]
    if type(value) is not dict:
        return []
    if len(value) == 1 and mark in value:
        return [value[mark]]
    return [found for one in value.values() for found in _marked(mark, one)]


def _paths(steps: list) -> list:
    """Return every path that the steps name, in order."""
    found = []
    for step in steps:
        path = step.get("call") or step.get("new")
        if path is not None and type(path) is not dict:
            found.append(path)
        found.extend(_marked("$target", step))
    return found


def _drained(result: object, most: int, awaited: object) -> list:
    """Return at most ``most`` items of an iterable, or of an asynchronous one."""
    items = []
    if hasattr(type(result), "__aiter__"):

        async def collect() -> None:
            async for item in result:
                items.append(item)
                if len(items) >= most:
                    return

        awaited(collect())
        return items
    for item in result:
        items.append(item)
        if len(items) >= most:
            break
    return items


def _said(problem: object) -> str:
    """Return the text of an exception, whatever its own methods do."""
    try:
        return str(problem)
    except BaseException:
        return ""
