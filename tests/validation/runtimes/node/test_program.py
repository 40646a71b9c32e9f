"""Programs of the finder: an honest one is put down to the target, and what each dishonest one's records say."""

import pytest

from tests.validation.runtimes.node.stage import NONCE, TOKEN, Stage, is_clean

CP = "require('child_process')"
FIRST_WITH_HASHES = 20


def test_an_honest_program_is_put_down_to_the_target(stage: Stage) -> None:
    seen = stage.program("command-execution", "require('flawed').execSync('@@TOKEN@@');")
    assert is_clean(seen, "command-execution")


def test_an_honest_program_in_es_module_form_is_too(modern: Stage) -> None:
    text = "import main, { later } from 'modern'; await later('@@TOKEN@@');"
    assert is_clean(modern.program("command-execution", text), "command-execution")


def test_an_honest_program_may_use_code_that_the_target_makes_at_once(stage: Stage) -> None:
    if int(stage.interpreter.version.split(".")[0]) < FIRST_WITH_HASHES:
        pytest.skip("a script has no hash before Node 20: beside a program its maker stays unknown")
    text = "require('flawed').render(`process.mainModule.require('child_process').execSync('true @@TOKEN@@')`);"
    seen = stage.program("command-execution", text)
    assert is_clean(seen, "command-execution")


DISHONEST = {
    "own act": f"require('flawed'); {CP}.execSync('true @@TOKEN@@');",
    "callback": f"require('flawed').each([1], () => {CP}.execSync('true @@TOKEN@@'));",
    "vm with a forged name": f"""
        const file = require.resolve('flawed');
        const text = "(cp) => cp.execSync('true @@TOKEN@@')";
        new (require('vm').Script)(text, {{ filename: file }}).runInThisContext()({CP});""",
    "vm in a callback with a forged name of the platform": f"""
        const text = "(cp) => () => cp.execSync('true @@TOKEN@@')";
        require('flawed').each([1], require('vm').runInThisContext(text, {{ filename: 'node:fs' }})({CP}));""",
    "a module compiled under a forged name": f"""
        const Module = require('module'); const own = new Module('x');
        own._compile("module.exports = (cp) => () => cp.execSync('true @@TOKEN@@')", '/runner/hook.js');
        require('flawed').each([1], own.exports({CP}));""",
    "a patched built-in": f"""
        const all = Array.prototype.forEach;
        Array.prototype.forEach = function (visit) {{ {CP}.execSync('true @@TOKEN@@'); return all.call(this, visit); }};
        require('flawed').each([1], () => {{}});""",
    "a patched function of the target": f"""
        const flawed = require('flawed');
        flawed.Shape.prototype.area = () => {CP}.execSync('true @@TOKEN@@'); flawed.shape(1).area();""",
    "a late timer": f"require('flawed').echo(1); setTimeout(() => {CP}.execSync('true @@TOKEN@@'), 50);",
    "the platform's function as a timer": f"setTimeout({CP}.execSync, 10, 'true @@TOKEN@@');",
    "own text given to the target's engine": """
        require('flawed').compile("process.mainModule.require('child_process').execSync('true @@TOKEN@@')")();""",
    "own Function": f"new Function('cp', \"cp.execSync('true @@TOKEN@@')\")({CP});",
    "a direct eval under a forged source address": """
        const file = require.resolve('flawed');
        eval(`//# sourceURL=${file}:1:1\\n eval("require('child_process').execSync('true @@TOKEN@@')")`);""",
    "a getter in an argument": f"""
        require('flawed').merge({{}}, {{ get a() {{ return {CP}.execSync('true @@TOKEN@@'); }} }});""",
    "another prepareStackTrace": f"""
        Error.prepareStackTrace = () => []; Error.stackTraceLimit = 0;
        Object.defineProperty(Error, 'captureStackTrace', {{ value() {{}} }});
        require('flawed').each([1], () => {CP}.execSync('true @@TOKEN@@'));""",
    "another Error": f"""
        globalThis.Error = class Error {{ static prepareStackTrace() {{ return []; }} }};
        {CP}.execSync('true @@TOKEN@@');""",
    "at the end of the process": f"process.on('exit', () => {CP}.execSync('true @@TOKEN@@'));",
}


@pytest.mark.parametrize("kind", DISHONEST)
def test_a_dishonest_program_gets_no_clean_act(stage: Stage, kind: str) -> None:
    seen = stage.program("command-execution", DISHONEST[kind])
    assert seen.complete()
    assert seen.acts("command-execution")
    assert not is_clean(seen, "command-execution")


@pytest.mark.parametrize("kind", ["vm with a forged name", "a module compiled under a forged name"])
def test_a_script_under_anothers_name_is_tampering(stage: Stage, kind: str) -> None:
    assert [one["event"] for one in stage.program("command-execution", DISHONEST[kind]).of("tamper")] == [
        "script under a forged name"
    ]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("new (require('inspector').Session)();", "inspector.Session"),
        ("process.binding('fs');", "process.binding fs"),
    ],
)
def test_a_grip_at_the_machinery_is_tampering(stage: Stage, text: str, event: str) -> None:
    assert [one["event"] for one in stage.program("command-execution", text).of("tamper")] == [event]


def test_nothing_leads_from_a_program_to_the_runner(stage: Stage) -> None:
    text = """
        const found = [];
        if (process.argv.length !== 2 || !process.argv[1].endsWith('/proof/proof.js')) found.push('argv');
        for (const file of Object.keys(require.cache)) if (file.startsWith('/runner')) found.push(file);
        for (let one = module; one; one = one.parent) if (one.filename.startsWith('/runner')) found.push('parent');
        if (require.main !== module) found.push('main');
        const fresh = require('/runner/channel.js');
        if (Object.values(fresh).some((one) => typeof one !== 'function')) found.push('channel');
        if (found.length) throw new Error(found.join());"""
    seen = stage.program("command-execution", text)
    assert seen.of("raise") == []


def test_a_line_written_past_the_channel_does_not_verify(stage: Stage) -> None:
    text = """
        const fs = require('fs');
        for (const fd of fs.readdirSync('/proc/self/fd')) {
          try { fs.writeSync(Number(fd), '0 {"t":"end"}\\n'); } catch {}
        }"""
    with pytest.raises(AssertionError, match="forged"):
        stage.program("command-execution", text)


def test_a_patched_json_and_a_polluted_prototype_change_no_record(stage: Stage) -> None:
    text = """
        JSON.stringify = () => '{"t":"end"}';
        Object.prototype.toJSON = () => 'mine'; Array.prototype.toJSON = () => 'mine';
        const { execSync } = require('flawed');
        String.prototype.includes = () => true; Object.prototype.get = () => 1;
        execSync('@@TOKEN@@');"""
    seen = stage.program("command-execution", text)
    assert seen.acts("command-execution")[0]["argument"] == f"true {TOKEN}"
    assert seen.complete()


@pytest.mark.parametrize("null", ["returns", "raises"])
def test_a_null_target_stays_silent_under_an_honest_program(stage: Stage, null: str) -> None:
    seen = stage.program("command-execution", "require('flawed').execSync('@@TOKEN@@');", null=null)
    assert (seen.of("act"), seen.complete()) == ([], True)


@pytest.mark.parametrize("null", ["returns", "raises"])
def test_a_null_target_reaches_an_es_module_program_too(modern: Stage, null: str) -> None:
    text = "import main, { shell } from 'modern'; shell('@@TOKEN@@');"
    seen = modern.program("command-execution", text, null=null)
    assert (seen.of("act"), seen.complete()) == ([], True)


def test_a_null_target_keeps_its_version(stage: Stage) -> None:
    text = "if (require('flawed').version !== '1.2.3' || require('flawed/package.json').version !== '1.2.3') throw 1;"
    assert stage.program("command-execution", text, null="raises").of("raise") == []


def test_wrapped_functions_look_like_the_originals(stage: Stage) -> None:
    text = """
        const { execFile, spawn } = require('child_process'); const util = require('util');
        const is = [execFile.name, spawn.length, Function.name, Function.length, typeof util.promisify(execFile),
          (() => {}).constructor === Function, (() => {}) instanceof Function, new Function('return 7')()].join();
        if (is !== 'execFile,3,Function,1,function,true,true,7') throw new Error(is);"""
    assert stage.program("command-execution", text).of("raise") == []


def test_an_act_in_calls_needs_nothing_of_this(stage: Stage) -> None:
    assert is_clean(stage.call("command-execution", "flawed#execSync", NONCE), "command-execution")


@pytest.mark.parametrize(
    "text", ["throw new TypeError('no such folder');", "Promise.reject(new TypeError('no such folder'));"]
)
def test_a_program_that_dies_says_of_what_and_where(stage: Stage, text: str) -> None:
    seen = stage.program("command-execution", f"require('flawed');\n{text}")
    (step,) = seen.of("step")
    assert (step["ok"], step["raised"], step["text"]) == (False, "TypeError", "no such folder")
    assert step["at"].endswith(".js, line 2")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (f"{CP}.spawnSync('true');", "child_process.spawnSync"),
        ("new (require('worker_threads').Worker)('0', { eval: true });", "worker_threads.Worker"),
    ],
)
def test_a_child_or_worker_of_the_programs_own_is_told(stage: Stage, text: str, event: str) -> None:
    assert [one["event"] for one in stage.program("command-execution", text).of("child")] == [event]
    assert not stage.program("command-execution", "require('flawed').execSync('@@TOKEN@@');").of("child")
