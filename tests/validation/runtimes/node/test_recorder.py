"""The recorder: a program's calls into the target as data, what data cannot say, and the replay of what was written."""

import pytest

from tests.validation.runtimes.node.stage import NONCE, Stage


def test_calls_become_steps_with_our_token_as_a_form(stage: Stage) -> None:
    record = stage.record("const f = require('flawed'); f.execSync('a @@TOKEN@@ b'); f.echo({ a: [1, undefined] });")
    assert record["document"]["steps"] == [
        {"call": "flawed#execSync", "args": [{"$cat": ["a ", NONCE, " b"]}]},
        {"call": "flawed#echo", "args": [{"a": [1, {"$undefined": True}]}]},
    ]
    assert record["lossy"] == []


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ('JSON.parse(\'{"__proto__": {"@@TOKEN@@": 1}}\')', {"$map": [["__proto__", {"$map": [[NONCE, 1]]}]]}),
        ("{ $a: 1 }", {"$map": [["$a", 1]]}),
        ("Buffer.from('hi')", {"$b64": "aGk="}),
        ("Buffer.from('x@@TOKEN@@')", {"$cat": [{"$b64": "eA=="}, NONCE]}),
        ("/a+/g", {"$regex": ["a+", "g"]}),
        ("new Date(0)", {"$date": "1970-01-01T00:00:00.000Z"}),
        ("'@@CANARY@@'", {"$canary": "absolute"}),
        ("'../@@CANARY:relative@@'", {"$cat": ["../", {"$canary": "relative"}]}),
        ("require('flawed').Shape", {"$target": "flawed#Shape"}),
        ("null", None),
    ],
)
def test_an_argument_is_exact_plain_data(stage: Stage, given: str, written: object) -> None:
    record = stage.record(f"require('flawed').echo({given});")
    assert record["document"]["steps"][0]["args"] == [written]
    assert record["lossy"] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("require('flawed').each([1], () => {});", "a function"),
        ("require('flawed').echo(new Map());", "an object that is not plain data"),
        ("require('flawed').echo(Symbol());", "a symbol"),
        ("require('flawed').echo({ get a() { return 1; } });", "a getter"),
        ("require('flawed').echo(new Proxy({}, {}));", "a proxy"),
        ("require('flawed').extra = 1;", "a property set on the target"),
        ("const a = []; a.push(a); require('flawed').echo(a);", "a cycle or a very deep value"),
        ("require('flawed')._hidden();", "a name that is not public"),
        ("new (class extends require('flawed').Shape {})(1);", "a class derived from the target"),
        ("console.log(1);", "no call into the target"),
    ],
)
def test_what_data_cannot_say_is_listed(stage: Stage, text: str, what: str) -> None:
    assert what in {one["what"] for one in stage.record(text)["lossy"]}


def test_objects_of_the_target_become_references(stage: Stage) -> None:
    text = """
        const { Shape, shape } = require('flawed');
        const made = new Shape(2); const given = shape(3);
        if (!(made instanceof Shape) || !(given instanceof Shape) || made.area() !== 8) throw new Error('not the same');
        made.shell('@@TOKEN@@');"""
    record = stage.record(text)
    assert record["document"]["steps"] == [
        {"new": "flawed#Shape", "args": [2]},
        {"call": "flawed#shape", "args": [3]},
        {"method": "area", "on": {"$ref": 0}},
        {"method": "shell", "on": {"$ref": 0}, "args": [NONCE]},
    ]
    assert record["lossy"] == []


def test_calls_that_the_target_makes_itself_are_not_written_down(stage: Stage) -> None:
    steps = stage.record("require('flawed').merge({ a: {} }, { a: { b: { c: 1 } } });")["document"]["steps"]
    assert [one["call"] for one in steps] == ["flawed#merge"]


def test_a_file_that_a_program_wrote_for_the_target_comes_along(stage: Stage) -> None:
    text = """
        const fs = require('fs');
        fs.mkdirSync('pages'); fs.writeFileSync('pages/a', '@@TOKEN@@');
        require('flawed').size('pages/a');"""
    document = stage.record(text)["document"]
    assert document["setup"] == {"files": {"pages/a": NONCE}}


def test_promises_and_submodules_are_followed(stage: Stage) -> None:
    text = "require('flawed').promised('@@TOKEN@@').then(() => require('flawed/lib/sub')('x'));"
    steps = stage.record(text)["document"]["steps"]
    assert [one["call"] for one in steps] == ["flawed#promised", "flawed/lib/sub"]


def test_an_es_module_program_is_recorded_too(modern: Stage) -> None:
    text = """
        import main, { Shape } from 'modern';
        import { shout } from 'modern/sub';
        new Shape().area(); shout('a'); main('@@TOKEN@@');"""
    record = modern.record(text)
    assert record["document"]["steps"] == [
        {"new": "modern#Shape"},
        {"method": "area", "on": {"$ref": 0}},
        {"call": "modern/sub#shout", "args": ["a"]},
        {"call": "modern#default", "args": [NONCE]},
    ]
    assert record["lossy"] == []


def test_what_was_recorded_before_a_call_that_never_ends_is_there(stage: Stage) -> None:
    record = stage.program("hang", "require('flawed').spin();", mode="record", limit_seconds=-8).of("calls")[-1]
    assert record["document"]["steps"] == [{"call": "flawed#spin"}]


HONEST = {
    "command": ("command-execution", "require('flawed').execSync('@@TOKEN@@');"),
    "pollution": ("pollution", "require('flawed').merge({}, JSON.parse('{\"__proto__\": {\"@@TOKEN@@\": 1}}'));"),
    "write": ("file-write", "require('fs').mkdirSync('out'); require('flawed').writePromised('@@CANARY@@');"),
    "method": ("command-execution", "require('flawed').shape(1).shell('@@TOKEN@@');"),
    "network": ("network", "require('flawed').get('http://@@TOKEN@@.invalid/');"),
    "returned code": (
        "command-execution",
        "require('flawed').compile(`process.mainModule.require('child_process').execSync('true @@TOKEN@@')`)();",
    ),
}


@pytest.mark.parametrize("kind", HONEST)
def test_the_replay_of_an_honest_record_fires(stage: Stage, kind: str) -> None:
    detector, text = HONEST[kind]
    record = stage.record(text, detector=detector)
    assert record["lossy"] == []
    seen = stage.start("calls", detector, document=record["document"])
    assert seen.blamed(detector) == {"target"}


FAKE = {
    "probe, then own act": "if (require('flawed').echo(1) === 1) require('child_process').execSync('true @@TOKEN@@');",
    "callback": "require('flawed').each([1], () => require('child_process').execSync('true @@TOKEN@@'));",
    "the platform's function as a callback": """
        require('flawed').each(['true @@TOKEN@@'], require('child_process').execSync);""",
}


@pytest.mark.parametrize("kind", FAKE)
def test_the_replay_of_a_fake_is_silent(stage: Stage, kind: str) -> None:
    record = stage.record(FAKE[kind])
    assert not stage.start("calls", "command-execution", document=record["document"]).of("act")


def test_what_a_class_of_the_finders_asks_of_the_targets_is_written_down(stage: Stage) -> None:
    text = """
        const { Shape } = require('flawed');
        class Mine extends Shape {
            #sides = 0;
            constructor(size) { super(size); this.count = 0; }
            get sides() { return this.#sides; }
            keep(text) { this.count += 1; this.#sides += 1; this.shell(text); }
            area() { return super.area() + this.count; }
        }
        const one = new Mine(1); const two = new Mine(2);
        one.keep('@@TOKEN@@'); two.keep('other');
        if (one.area() !== 5 || two.area() !== 9) throw new Error('other areas');
        if (one.sides !== 1 || !(one instanceof Shape)) throw new Error('not the same');"""
    record = stage.record(text)
    assert record["document"]["steps"] == [
        {"new": "flawed#Shape", "args": [1]},
        {"new": "flawed#Shape", "args": [2]},
        {"method": "shell", "on": {"$ref": 0}, "args": [NONCE]},
        {"method": "shell", "on": {"$ref": 1}, "args": ["other"]},
        {"method": "area", "on": {"$ref": 0}},
        {"method": "area", "on": {"$ref": 1}},
    ]


@pytest.mark.parametrize("name", ["'flawed'", "['fla', 'wed'].join('')"])
def test_a_module_imported_by_a_name_that_is_no_literal_there_is_recorded(stage: Stage, name: str) -> None:
    text = f"""
        const load = async (name) => (await import(name)).default;
        (await load({name})).echo("@@TOKEN@@");
        export {{}};"""
    record = stage.record(text, name="proof.mjs")
    assert record["document"]["steps"] == [{"call": "flawed#echo", "args": [NONCE]}]
    assert record["lossy"] == []
