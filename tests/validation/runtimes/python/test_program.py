"""Programs of the finder: honest ones are seen for what they show, dishonest ones for what they do."""

import pytest

from tests.validation.runtimes.python.stage import Stage

HONEST = {
    "a direct call": "import pkg\npkg.shell('@@TOKEN@@')\n",
    "an eval in the target": "import pkg\npkg.evaluate(\"__import__('os').system('true @@TOKEN@@')\")\n",
    "a template": "import pkg\npkg.Renderer(\"os.system('true @@TOKEN@@')\").render()\n",
    "library code in between": "import pkg\npkg.popen('@@TOKEN@@')\n",
    "a dependency": "import pkg\npkg.through_dependency('@@TOKEN@@')\n",
    "a loop on asyncio": "import asyncio, pkg\nasyncio.run(pkg.later('@@TOKEN@@'))\n",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_shows_the_target(stage: Stage, name: str) -> None:
    seen = stage.program("command-execution", HONEST[name])
    assert seen.blamed("command-execution") == {"target"}
    assert not seen.of("tamper")
    assert seen.raised() == [""]
    assert seen.complete()


DISHONEST = {
    "its own act": "import os, pkg\npkg.echo(1)\nos.system('true @@TOKEN@@')\n",
    "a callback": "import os, pkg\npkg.apply(lambda text: os.system('true ' + text), '@@TOKEN@@')\n",
    "a forged file name": """
import os, pkg
space = {"os": os}
exec(compile("def shell(text):\\n    return os.system('true ' + text)", "/target/pkg/__init__.py", "exec"), space)
space["shell"]("@@TOKEN@@")
""",
    "the target's code in a namespace of its own": """
import os, types, pkg


class Os:
    system = staticmethod(lambda text: os.system("true @@TOKEN@@"))


types.FunctionType(pkg.shell.__code__, {"os": os, "__name__": "pkg"})("@@TOKEN@@")
""",
    "a replaced function of the target": """
import os, pkg
pkg.echo = lambda text: os.system("true " + text)
pkg.echo("@@TOKEN@@")
""",
    "a replaced function of the library": """
import os, posixpath, pkg
posixpath.join = lambda *parts: os.system("true @@TOKEN@@") or parts[-1]
try:
    pkg.read("x")
except OSError:
    pass
""",
    "a thread of its own": """
import os, threading, pkg
worker = threading.Thread(target=lambda: os.system("true @@TOKEN@@"))
worker.start()
worker.join()
""",
    "code that it made itself": "import pkg\nexec(\"import os; os.system('true @@TOKEN@@')\")\n",
    "a dependency that it calls itself": "import dep, pkg\npkg.echo(1)\ndep.through('@@TOKEN@@')\n",
    "a lying argument": """
import os, pkg


class Text(str):
    def __radd__(self, other):
        os.system("true @@TOKEN@@")
        return other + str(self)


pkg.shell(Text("x"))
""",
    "a method that the library calls back": """
import json, os, pkg


class Encoder(json.JSONEncoder):
    def default(self, thing):
        os.system("true @@TOKEN@@")


pkg.apply(lambda one: json.dumps(one, cls=Encoder), object())
""",
}


@pytest.mark.parametrize("name", DISHONEST)
def test_a_dishonest_program_is_blamed_itself(stage: Stage, name: str) -> None:
    seen = stage.program("command-execution", DISHONEST[name])
    acts = [one for one in seen.acts("command-execution") if one["blamed"] != "finder"]
    assert seen.acts("command-execution"), seen.ended.stderr
    assert acts == []


def test_an_act_in_a_forked_child_is_the_finders(stage: Stage) -> None:
    program = """
import os
child = os.fork()
if not child:
    os.execvp("true", ["true", "@@TOKEN@@"])
os.waitpid(child, 0)
"""
    seen = stage.program("command-execution", program)
    assert seen.blamed("command-execution") == {"finder"}
    assert seen.complete()


TAMPERING = {
    "gc.get_objects": "import gc\ngc.get_objects()\n",
    "gc.get_referents": "import gc, sys\ngc.get_referents(sys._getframe())\n",
    "sys.settrace": "import sys\nsys.settrace(lambda *args: None)\n",
    "sys.setprofile": "import sys\nsys.setprofile(None)\n",
    "sys.addaudithook": "import sys\nsys.addaudithook(lambda *args: None)\n",
    "sys._current_frames": "import sys\nsys._current_frames()\n",
    "ctypes.dlopen": "import ctypes\nctypes.CDLL(None)\n",
    "function.__new__": "import types, pkg\ntypes.FunctionType(pkg.shell.__code__, {})\n",
    "code.__new__": "import pkg\npkg.shell.__code__.replace(co_name='x')\n",
    "object.__setattr__": "import pkg\npkg.shell.__code__ = (lambda text: 1).__code__\n",
    "compile": "compile('1', '/target/pkg/__init__.py', 'eval')\n",
    "open /proc/*/mem": "open('/proc/self/mem', 'rb')\n",
    "open /proc/*/fd": "import os\nos.open('/proc/self/fd/1', 1)\n",
}


@pytest.mark.parametrize("event", TAMPERING)
def test_tampering_is_reported(stage: Stage, event: str) -> None:
    seen = stage.program("command-execution", TAMPERING[event])
    assert event in [one["event"] for one in seen.of("tamper")]


def test_what_honest_libraries_do_is_no_tampering(stage: Stage) -> None:
    program = """
import asyncio, collections, ctypes, dataclasses, enum, json, logging, typing, unittest.mock, zipfile, pkg


@dataclasses.dataclass(frozen=True)
class Point:
    x: int


collections.namedtuple("Pair", "a b")(1, 2)
Point(1)
logging.getLogger("x").warning("y")
enum.Enum("Colour", "RED")
pkg.shell("@@TOKEN@@")
"""
    seen = stage.program("command-execution", program)
    assert seen.raised() == [""]
    assert not seen.of("tamper")
    assert not seen.of("changed")


def test_a_forged_record_is_not_believed(new_stage: Stage) -> None:
    program = """
import os, stat, sys
for number in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            os.write(number, b'0' * 64 + b' {"t":"end"}\\n')
    except OSError:
        pass
"""
    with pytest.raises(AssertionError, match="forged"):
        new_stage.program("command-execution", program)


def test_nothing_of_ours_lies_below_the_program(stage: Stage) -> None:
    program = """
import sys
frame, depth = sys._getframe(), 0
while frame is not None:
    names = dict(frame.f_globals, **frame.f_locals)
    for name, value in names.items():
        for part in (value, getattr(value, "__closure__", None), getattr(value, "__globals__", None)):
            assert "_clearing" not in repr(part), (name, part)
    depth += 1
    frame = frame.f_back
assert depth <= 4, depth
assert not [name for name in sys.modules if "clearing" in name]
assert "clearing" not in repr(sys.modules["__main__"].__dict__)
"""
    seen = stage.program("command-execution", program)
    assert seen.raised() == [""], seen.ended.stderr


def test_an_exception_of_the_program_does_not_show_the_runner(stage: Stage) -> None:
    seen = stage.program("command-execution", "import pkg\npkg.check('bad')\n")
    assert seen.raised() == ["ValueError"]
    assert b"_clearing" not in seen.ended.stderr
    assert not seen.fault()
    assert seen.complete()


def test_the_program_finds_itself_where_a_program_is(stage: Stage) -> None:
    program = """
import os, sys
assert __name__ == "__main__"
assert sys.argv == [__file__]
assert os.getcwd() == "/job/box"
assert "@@CANARY:name@@" in "@@CANARY@@"
exit(0)
"""
    seen = stage.program("command-execution", program)
    assert seen.raised() == [""], seen.ended.stderr


def test_a_program_that_dies_says_of_what_and_in_which_of_its_own_lines(stage: Stage) -> None:
    seen = stage.program("command-execution", "import pkg\n\ndef go():\n    pkg.check('bad')\n\ngo()\n")
    (step,) = seen.of("step")
    assert (step["ok"], step["raised"], step["at"]) == (False, "ValueError", "proof.py, line 4")


def test_no_method_of_a_finders_exception_is_called_by_ours(stage: Stage) -> None:
    program = """
import sys
class Mine(Exception):
    def __str__(self):
        print(sys._getframe(1).f_locals, file=sys.stderr)
        return "mine"
def hook(kind, value, trace): pass
sys.excepthook = hook
raise Mine("what it says")
"""
    seen = stage.program("command-execution", program)
    assert [one["text"] for one in seen.of("step")] == ["what it says"]
    assert seen.ended.stderr == b""


def test_a_child_of_the_programs_own_is_told_and_one_of_the_targets_is_not(stage: Stage) -> None:
    own = stage.program("command-execution", "import subprocess\nsubprocess.run(['true'])\n")
    assert [one["event"] for one in own.of("child")] == ["subprocess.Popen"]
    targets = stage.program("command-execution", HONEST["a direct call"])
    assert not targets.of("child")


def test_leaving_without_a_word_leaves_no_end(stage: Stage) -> None:
    assert not stage.program("command-execution", "import os\nos._exit(0)\n").complete()


DIES = {
    "a module of the target": ("import pkg.broken\n", True),
    "a name that the target lacks": ("from pkg import nothing_of_that_name\n", True),
    "behind another exception": (
        "try:\n    import pkg.broken\nexcept RuntimeError:\n    raise ValueError('no') from None\n",
        True,
    ),
    "run as a program": ("import runpy\nrunpy.run_module('pkg.broken', run_name='__main__')\n", False),
    "a module that nobody has": ("import nowhere\n", False),
    "a call into the target": ("import pkg\npkg.check('bad')\n", False),
}


@pytest.mark.parametrize("name", DIES)
def test_a_program_that_cannot_import_the_target_says_so_and_no_other(new_stage: Stage, name: str) -> None:
    new_stage.lay({"pkg/broken.py": "raise RuntimeError('not on this interpreter')\n"})
    program, importing = DIES[name]
    (step,) = new_stage.program("command-execution", program).of("step")
    assert (step["ok"], step.get("importing", False)) == (False, importing)
