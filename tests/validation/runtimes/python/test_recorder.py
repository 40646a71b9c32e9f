"""The recorder turns a program into calls; the replay of what it wrote shows the same."""

from dataclasses import replace
from typing import Any

import pytest

from tests.validation.runtimes.python.stage import NONCE, Stage

CANARY = {"$canary": "absolute"}


@pytest.fixture(autouse=True)
def _more(request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue("stage" if "stage" in request.fixturenames else "new_stage")
    stage.lay(
        {
            "pkg/objects.py": """
import dataclasses


@dataclasses.dataclass
class Options:
    name: str
    depth: int = 3


class Parser:
    def __init__(self, options=None, *rest, strict=False, **more):
        self.options = options

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def parse(self, text, limit=10):
        return Document(text)

    def feed(self, *parts):
        return len(parts)


class Document:
    def __init__(self, text):
        self.text = text
        self.root = Element(text)

    @property
    def size(self):
        return len(self.text)


class Element:
    def __init__(self, text):
        self.text = text

    def render(self):
        return self.text


class Made:
    def __new__(cls, text):
        made = object.__new__(cls)
        made.text = text
        return made

    def show(self):
        return self.text


def use(options, parser=None):
    return options


def load(stream):
    return stream.read()


def sign(text):
    return "signed:" + text


def verify(signed):
    return signed.startswith("signed:")


def unpack(path, folder):
    return open(path).read()
"""
        }
    )


CASES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "a function": (
        "import pkg\npkg.shell('x @@TOKEN@@')\n",
        [{"call": "pkg.shell", "args": [{"$cat": ["x ", NONCE]}]}],
    ),
    "decorated functions with one code": (
        "import pkg\npkg.wrapped_too('a')\npkg.wrapped('b')\n",
        [{"call": "pkg.wrapped_too", "args": ["a"]}, {"call": "pkg.wrapped", "args": ["b"]}],
    ),
    "constructor, method and keyword": (
        "import pkg\npkg.Renderer('1', strict=False).render(a=1)\n",
        [{"call": "pkg.Renderer", "args": ["1", False]}, {"method": "render", "on": {"$ref": 0}, "kw": {"a": 1}}],
    ),
    "defaults left out, the rest by name": (
        "from pkg import extract\nextract(b'', folder='x')\n",
        [{"call": "pkg.extract", "args": [{"$bytes": ""}, "x"]}],
    ),
    "class method, static method, property": (
        "import pkg\npkg.Renderer.default('1').text\npkg.Renderer.plain('x')\n",
        [
            {"call": "pkg.Renderer.default", "args": ["1"]},
            {"get": "text", "on": {"$ref": 0}},
            {"call": "pkg.Renderer.plain", "args": ["x"]},
        ],
    ),
    "a module-level object": ("import pkg\npkg.default.render()\n", [{"call": "pkg.default.render"}]),
    "a context manager and its results": (
        """
from pkg.objects import Parser
with Parser(None, 1, 2, strict=True, a='b') as parser:
    parser.parse('t', limit=2).root.render()
""",
        [
            {"call": "pkg.objects.Parser", "args": [None, 1, 2], "kw": {"strict": True, "a": "b"}},
            {"method": "parse", "on": {"$ref": 0}, "args": ["t", 2]},
            {"get": "root", "on": {"$ref": 1}},
            {"method": "render", "on": {"$ref": 2}},
        ],
    ),
    "a constructor that is only __new__": (
        "from pkg.objects import Made\nMade('t').show()\n",
        [{"call": "pkg.objects.Made", "args": ["t"]}, {"method": "show", "on": {"$ref": 0}}],
    ),
    "a data class": (
        "from pkg.objects import Options, use\nuse(Options('n'))\n",
        [
            {"call": "pkg.objects.Options", "kw": {"name": "n", "depth": 3}},
            {"call": "pkg.objects.use", "args": [{"$ref": 0}]},
        ],
    ),
    "a result that is text": (
        "from pkg.objects import sign, verify\nverify(sign('x'))\n",
        [{"call": "pkg.objects.sign", "args": ["x"]}, {"call": "pkg.objects.verify", "args": [{"$ref": 0}]}],
    ),
    "a class as an argument": (
        "import pkg\npkg.apply(pkg.deep.Node, 1)\n",
        [{"call": "pkg.apply", "args": [{"$target": "pkg.Node"}, 1]}],
    ),
    "a generator": (
        "import pkg\nlist(pkg.numbers(3))\n",
        [{"call": "pkg.numbers", "args": [3], "drain": 1000}],
    ),
    "the canary": ("import pkg\npkg.echo('@@CANARY@@')\n", [{"call": "pkg.echo", "args": [CANARY]}]),
    "streams": (
        "import io\nfrom pkg.objects import load\nload(io.BytesIO(b'ab'))\nload(io.StringIO('c'))\n",
        [
            {"call": "pkg.objects.load", "args": [{"$bytesio": {"$bytes": "ab"}}]},
            {"call": "pkg.objects.load", "args": [{"$stringio": "c"}]},
        ],
    ),
    "an archive with the canary": (
        """
import io, zipfile, pkg
made = io.BytesIO()
with zipfile.ZipFile(made, 'w') as archive:
    archive.writestr('../@@CANARY:relative@@', 'x')
pkg.extract(made.getvalue())
""",
        [{"call": "pkg.extract", "args": [{"$zip": [[{"$cat": ["../", {"$canary": "relative"}]}, {"$bytes": "x"}]]}]}],
    ),
    "a coroutine": (
        "import asyncio, pkg\nasyncio.run(pkg.later('x'))\n",
        [{"call": "pkg.later", "args": ["x"]}],
    ),
    "through a dependency": (
        "import dep, pkg\npkg.through_dependency('x')\n",
        [{"call": "pkg.through_dependency", "args": ["x"]}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_crossing_becomes_a_step(stage: Stage, name: str) -> None:
    program, steps = CASES[name]
    document, lossy = stage.record("command-execution", program)
    assert document["steps"] == steps
    assert lossy == []


def test_a_file_of_the_program_goes_into_the_set_up(stage: Stage) -> None:
    program = """
import tempfile, pkg.objects
with open("evil.txt", "w") as made:
    made.write("../@@CANARY:relative@@")
folder = tempfile.mkdtemp()
with open(folder + "/evil.txt", "w") as made:
    made.write("@@TOKEN@@")
pkg.objects.unpack("evil.txt", folder)
"""
    document, lossy = stage.record("file-write", program)
    files = document["setup"]["files"]
    assert files["evil.txt"] == {"$cat": [{"$bytes": "../"}, {"$canary": "relative"}]}
    assert NONCE in files[next(name for name in files if name != "evil.txt")]["$cat"]
    assert document["steps"][0]["args"][0] == "evil.txt"
    assert "$path" in document["steps"][0]["args"][1]
    assert lossy == []


@pytest.mark.parametrize("made", ["io.StringIO('a @@TOKEN@@')", "io.TextIOWrapper(io.BytesIO(b'a @@TOKEN@@'))"])
def test_standard_input_goes_into_the_set_up(stage: Stage, made: str) -> None:
    stage.lay({"pkg/typed.py": "import sys\ndef line():\n    return sys.stdin.readline()\n"})
    program = f"import io, sys, pkg.typed\nsys.stdin = {made}\npkg.typed.line()\n"
    document, lossy = stage.record("command-execution", program)
    assert NONCE in document["setup"]["stdin"]["$cat"]
    assert lossy == []


LOSSY = {
    "a function": "import pkg\npkg.apply(lambda x: x, 1)\n",
    "an object of its own": "import pkg\nclass Own: pass\npkg.echo(Own())\n",
    "a subclass of its own": "import pkg\nclass Own(pkg.Renderer): pass\nOwn('1').render()\n",
    "text that is none": "import pkg\nclass Own(str): pass\npkg.echo(Own('x'))\n",
    "something private": "from pkg.deep import _private\n_private('x')\n",
}


@pytest.mark.parametrize("name", LOSSY)
def test_what_is_no_data_is_listed(stage: Stage, name: str) -> None:
    _document, lossy = stage.record("command-execution", LOSSY[name])
    assert lossy


def test_acts_of_the_finder_are_not_in_the_record(stage: Stage) -> None:
    document, _lossy = stage.record("command-execution", "import os, pkg\npkg.echo(1)\nos.system('true @@TOKEN@@')\n")
    assert document == {"steps": [{"call": "pkg.echo", "args": [1]}]}


def test_what_the_target_calls_itself_is_not_in_the_record(stage: Stage) -> None:
    document, _lossy = stage.record("command-execution", "import pkg\npkg.apply(pkg.shell, 'x')\n")
    assert len(document["steps"]) == 1


def test_a_program_that_never_ends_has_been_recorded_by_then(stage: Stage) -> None:
    program = "import pkg.cost\npkg.cost.forever('x')\n"
    seen = stage.program("hang", program, mode="record", limit_seconds=-8)
    assert seen.of("calls")[-1]["document"]["steps"] == [{"call": "pkg.cost.forever", "args": ["x"]}]


def test_a_program_that_fails_has_been_recorded_up_to_there(stage: Stage) -> None:
    document, _lossy = stage.record("exception", "import pkg\npkg.check('bad')\n")
    assert document["steps"] == [{"call": "pkg.check", "args": ["bad"]}]


REPLAYED = {
    "command-execution": "import pkg\npkg.Renderer(\"os.system('true @@TOKEN@@')\").render()\n",
    "file-read": "import pkg\npkg.read('@@CANARY@@')\n",
    "file-write": CASES["an archive with the canary"][0],
    "network": "import pkg\npkg.fetch('http://@@TOKEN@@.invalid/')\n",
}


@pytest.mark.parametrize("detector", REPLAYED)
def test_the_replay_shows_what_the_program_showed_with_another_token(stage: Stage, detector: str) -> None:
    document, lossy = stage.record(detector, REPLAYED[detector])
    assert lossy == []
    other = replace(stage, token="another0token1of2other3length")
    seen = other.replay(detector, document)
    assert seen.blamed(detector) == {"target"}


DISHONEST = {
    "own act": "import os, pkg\nif pkg.__version__ == '1.2':\n    os.system('true @@TOKEN@@')\npkg.echo(1)\n",
    "callback": "import os, pkg\npkg.apply(lambda x: os.system('true @@TOKEN@@'), 1)\n",
    "patched": "import os, pkg\npkg.echo = lambda x: os.system('true @@TOKEN@@')\npkg.echo(1)\npkg.check('a')\n",
}


@pytest.mark.parametrize("name", DISHONEST)
def test_the_replay_of_a_dishonest_program_shows_nothing(stage: Stage, name: str) -> None:
    document, _lossy = stage.record("command-execution", DISHONEST[name])
    assert not stage.replay("command-execution", document).of("act")
