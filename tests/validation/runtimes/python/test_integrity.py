"""Whether the modules are still what their files say when the target acts."""

import pytest

from tests.validation.runtimes.python.stage import Stage

ACT = "pkg.shell('@@TOKEN@@')\n"

REPLACED = {
    "posixpath.join": "import posixpath, pkg\nposixpath.join = lambda *parts: parts[-1]\n" + ACT,
    "pkg.echo": "import pkg\npkg.echo = lambda text: text\n" + ACT,
    "pkg.Renderer.render": "import pkg\npkg.Renderer.render = lambda self: ''\n" + ACT,
    "pkg.os": "import os, pkg\n\n\nclass Os:\n    def __getattr__(self, name):\n        return getattr(os, name)\n\n\n"
    "pkg.os = Os()\n" + ACT,
    "json.decoder.JSONDecoder": "import json.decoder, pkg\n\n\nclass Mine(json.decoder.JSONDecoder):\n"
    "    def decode(self, text):\n        return text\n\n\njson.decoder.JSONDecoder = Mine\n" + ACT,
    "builtins.open": "import builtins, pkg\nbuiltins.open = lambda *args: None\n" + ACT,
}


@pytest.mark.parametrize("name", REPLACED)
def test_a_function_of_the_finders_in_a_module_that_is_not_his_is_tampering(stage: Stage, name: str) -> None:
    seen = stage.program("command-execution", REPLACED[name])
    said = [one["event"] for one in seen.of("tamper")]
    assert any(one.startswith("replaced " + name) for one in said), (said, seen.ended.stderr)


CHANGED = {
    "pkg.echo": "import os, pkg\npkg.echo = os.system\npkg.echo('true @@TOKEN@@')\n" + ACT,
    "pkg.check": "import pkg\npkg.check = pkg.echo\n" + ACT,
    "posixpath.join": "import os, posixpath, pkg\nposixpath.join = posixpath.commonpath\n" + ACT,
    "pkg.LIMIT": "import pkg\npkg.LIMIT = 10 ** 9\n" + ACT,
    "os.getpid": "import os, pkg\nos.getpid = os.getppid\n" + ACT,
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_name_that_holds_something_else_than_its_file_says_is_told(stage: Stage, name: str) -> None:
    stage.lay({"pkg/limits.py": "LIMIT = 3\n"})
    text = CHANGED[name].replace("pkg.LIMIT", "pkg.limits.LIMIT").replace("import pkg\n", "import pkg, pkg.limits\n", 1)
    seen = stage.program("command-execution", text)
    assert [one["what"] for one in seen.of("changed")] == [name.replace("pkg.LIMIT", "pkg.limits.LIMIT")]
    assert not seen.of("tamper")


def test_what_was_put_back_before_the_end_was_seen_at_the_act(stage: Stage) -> None:
    text = (
        "import posixpath, pkg\nkept = posixpath.join\nposixpath.join = lambda *parts: parts[-1]\n"
        "pkg.shell('@@TOKEN@@')\nposixpath.join = kept\n"
    )
    seen = stage.program("command-execution", text)
    assert [one["event"] for one in seen.of("tamper")] == ["replaced posixpath.join"]


QUIET = {
    "a hook that the library asks for": "import warnings, pkg\nwarnings.showwarning = lambda *args: None\n",
    "output caught": "import io, sys, pkg\nsys.stdout = io.StringIO()\n",
    "a callback kept in a list": "import atexit, logging, pkg\natexit.register(lambda: None)\n"
    "logging.getLogger().addFilter(lambda record: True)\n",
    "a class derived from the target's": "import pkg\n\n\nclass Mine(pkg.Renderer):\n    def render(self):\n"
    "        return super().render()\n",
    "a value that the module itself changes": "import pkg, pkg.counter\npkg.counter.count()\n",
}


@pytest.mark.parametrize("what", QUIET)
def test_what_honest_programs_do_is_quiet(stage: Stage, what: str) -> None:
    stage.lay({"pkg/counter.py": "SEEN = 0\n\n\ndef count():\n    global SEEN\n    SEEN += 1\n"})
    seen = stage.program("command-execution", QUIET[what] + ACT)
    assert seen.blamed("command-execution") == {"target"}
    assert not seen.of("tamper")
    assert not seen.of("changed")


def test_the_whole_library_is_what_its_files_say(stage: Stage) -> None:
    program = """
import pkgutil, sys, warnings
warnings.simplefilter("ignore")
for one in pkgutil.iter_modules(path=[sys.modules["os"].__file__.rpartition("/")[0]]):
    if one.name not in ("antigravity", "this", "idlelib", "turtledemo", "__main__", "turtle"):
        try:
            __import__(one.name)
        except BaseException:
            pass
import pkg
"""
    seen = stage.program("command-execution", program + ACT)
    assert seen.blamed("command-execution") == {"target"}, seen.ended.stderr
    assert not seen.of("tamper")
    assert not seen.of("changed")
