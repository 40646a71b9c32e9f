"""Whether the platform and the target are still what they were when the target acts."""

import pytest

from tests.validation.runtimes.node.stage import Stage, is_clean

ACT = "require('flawed').execSync('@@TOKEN@@');\n"

REPLACED = {
    "path.join": "require('path').join = (...parts) => parts[parts.length - 1];\n",
    "String.prototype.replace": "String.prototype.replace = function () { return String(this); };\n",
    "JSON.parse": "JSON.parse = () => ({});\n",
    "util.format": "require('util').format = () => '';\n",
}


@pytest.mark.parametrize("name", REPLACED)
def test_a_function_of_the_finders_in_the_platforms_place_is_tampering(stage: Stage, name: str) -> None:
    seen = stage.program("command-execution", REPLACED[name] + ACT)
    assert [one["event"] for one in seen.of("tamper")] == [f"replaced {name}"]


CHANGED = {
    "path.basename": "const path = require('path'); path.basename = path.extname;\n",
    "index.js#echo": "require('flawed').echo = (text) => text;\n",
}


@pytest.mark.parametrize("name", CHANGED)
def test_any_other_difference_is_told(stage: Stage, name: str) -> None:
    seen = stage.program("command-execution", CHANGED[name] + ACT)
    assert [one["what"] for one in seen.of("changed")] == [name]
    assert not seen.of("tamper")


def test_what_was_put_back_before_the_end_was_seen_at_the_act(stage: Stage) -> None:
    text = f"const path = require('path'); const kept = path.join; path.join = () => 'x';\n{ACT}path.join = kept;\n"
    assert [one["event"] for one in stage.program("command-execution", text).of("tamper")] == ["replaced path.join"]


def test_what_honest_programs_do_is_quiet(stage: Stage) -> None:
    text = (
        "class Mine extends require('events') { emit(...all) { return super.emit(...all); } }\n"
        "new Mine().emit('x'); process.on('exit', () => {}); globalThis.mine = () => 1;\n"
    )
    seen = stage.program("command-execution", text + ACT)
    assert is_clean(seen, "command-execution")
    assert not seen.of("changed")
