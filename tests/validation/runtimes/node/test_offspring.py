"""What the workers and children of a program call is written down too, and left in a file for its replay."""

import json
from typing import Any

import pytest

from tests.validation.runtimes.node.stage import NONCE, Stage

ECHO = {"call": "flawed#echo", "args": [NONCE]}
CALL = "require('flawed').echo('@@TOKEN@@')"


def left(stage: Stage, text: str, name: str = "proof.js") -> list[Any]:
    """Return what a program's workers and children left."""
    seen = stage.program("command-execution", text, mode="record", name=name)
    assert seen.of("end")
    return [json.loads(one["text"]) for one in seen.of("calls-elsewhere")]


@pytest.mark.parametrize(
    "text",
    [
        f"""
        const {{ Worker, isMainThread }} = require('worker_threads');
        if (isMainThread) new Worker(__filename); else {CALL};""",
        f"""
        new (require('worker_threads').Worker)(`{CALL}`, {{ eval: true }});""",
        f"""
        class Mine extends require('worker_threads').Worker {{}};
        new Mine(`{CALL}`, {{ eval: true, execArgv: [] }});""",
        f"""
        if (process.argv[2] === 'inside') {CALL};
        else require('child_process').fork(__filename, ['inside']);""",
        f"""
        const env = {{ ...process.env, INSIDE: 1 }};
        if (process.env.INSIDE) {CALL};
        else require('child_process').execFileSync(process.execPath, [__filename], {{ env }});""",
        f"""
        require('child_process').execFileSync(process.execPath, ['-e', `{CALL}`], {{ cwd: __dirname }});""",
    ],
)
def test_what_a_worker_or_child_calls_is_left_for_the_judge(stage: Stage, text: str) -> None:
    (found,) = left(stage, text)
    assert found == {"document": {"steps": [ECHO]}, "lossy": []}


def test_a_worker_that_is_an_es_module_is_recorded_with_the_program(stage: Stage) -> None:
    text = """
        import { Worker, isMainThread } from 'node:worker_threads'; import flawed from 'flawed';
        if (isMainThread) new Worker(new URL(import.meta.url)); else flawed.echo('@@TOKEN@@');"""
    assert [one["document"]["steps"] for one in left(stage, text, "proof.mjs")] == [[ECHO]]


def test_a_helper_of_the_other_module_system_is_recorded(stage: Stage) -> None:
    text = "import { createRequire } from 'module'; createRequire(import.meta.url)('./helper.cjs');"
    files = {"proof/proof.mjs": text.encode(), "proof/helper.cjs": b"require('flawed').echo(1);"}
    seen = stage.start("record", "command-execution", files, program="proof.mjs")
    assert seen.of("calls")[-1]["document"]["steps"] == [{"call": "flawed#echo", "args": [1]}]


def test_a_worker_that_calls_nothing_leaves_nothing(stage: Stage) -> None:
    assert left(stage, "new (require('worker_threads').Worker)('0', { eval: true });") == []


def test_what_a_program_puts_among_the_recordings_itself_comes_as_text(stage: Stage) -> None:
    text = (
        "require('fs').writeFileSync(require('path').join(__dirname, '..', 'recording', '0.json'), '{\"steps\": 5}');"
    )
    assert left(stage, text) == [{"steps": 5}]
