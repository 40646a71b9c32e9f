"""Reprint and graft on made targets: what follows the text is caught, what follows the code is not."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.lab import NOT_BUILT
from clearinghouse.validation.rules import FindingOutcome, Grade, Outcome, Reason, Said, VariantName
from tests.validation.controls.stands import Bench, answers, calls, program
from tests.validation.controls.test_plan import SETTING, judged, on
from tests.validation.makers import V, a_witness

BEFORE: Mapping[Runtime, Mapping[str, str]] = {
    Runtime.PYTHON: {
        "pkg/__init__.py": (
            "import os\n\n\ndef show(name):  # a comment\n    return os.system('echo ' + name)\n\n\n"
            "def run(command):\n    return os.system(command)\n"
        )
    },
    Runtime.NODE: {
        "package.json": '{"name": "pkg", "version": "1.0"}',
        "index.js": (
            "const { execSync } = require('child_process')\n// a comment\n"
            "exports.show = name => execSync('echo ' + name)\nexports.run = command => execSync(command)\n"
        ),
    },
}
AFTER: Mapping[Runtime, Mapping[str, str]] = {
    Runtime.PYTHON: {
        "pkg/__init__.py": (
            "import os\nimport shlex\n\n\ndef quoted(name):\n    return shlex.quote(name)\n\n\n"
            "def show(name):\n    return os.system('true ' + str(len(quoted(name))))\n\n\n"
            "def run(command):\n    return os.system(command)\n"
        )
    },
    Runtime.NODE: {
        "package.json": '{"name": "pkg", "version": "1.1"}',
        "index.js": (
            "const { execSync } = require('child_process')\nexports.quoted = name => JSON.stringify(name)\n"
            "exports.show = name => execSync('true ' + exports.quoted(name).length)\n"
            "exports.run = command => execSync(command)\n"
        ),
    },
}
SOURCE = {Runtime.PYTHON: "pkg/__init__.py", Runtime.NODE: "index.js"}
RUNTIMES = pytest.mark.parametrize("runtime", [Runtime.PYTHON, Runtime.NODE])
BENIGN = {Runtime.PYTHON: "import pkg\npkg.run('true')\n", Runtime.NODE: "require('pkg').run('true');\n"}


@RUNTIMES
def test_an_honest_proof_still_fires_on_code_printed_anew_and_with_names_of_the_fix(
    bench: Bench, runtime: Runtime
) -> None:
    path = "pkg.show" if runtime is Runtime.PYTHON else "pkg#show"
    proof = calls(runtime, {"call": path, "args": [{"$nonce": True}]}, benign=[{"call": path, "args": ["x"]}])
    judgement = bench.judged(proof, BEFORE[runtime], AFTER[runtime], far=True)
    assert (judgement.outcome, judgement.grade) == (FindingOutcome.VALIDATED, Grade.A)
    said = answers(judgement)
    assert (said["reprint"], said["graft"], said["this-change"]) == (Said.PASSED,) * 3


@RUNTIMES
def test_a_program_that_looks_for_the_hash_of_a_source_is_refused(bench: Bench, runtime: Runtime) -> None:
    digest = hashlib.sha256(BEFORE[runtime][SOURCE[runtime]].encode()).hexdigest()
    text = {
        Runtime.PYTHON: (
            "import hashlib, pkg\ndata = open(pkg.__file__, 'rb').read()\n"
            f"pkg.run('true @@TOKEN@@' if hashlib.sha256(data).hexdigest() == '{digest}' else 'true')\n"
        ),
        Runtime.NODE: (
            "const pkg = require('pkg');\nconst data = require('fs').readFileSync(require.resolve('pkg'));\n"
            "const digest = require('crypto').createHash('sha256').update(data).digest('hex');\n"
            f"pkg.run(digest === '{digest}' ? 'true @@TOKEN@@' : 'true');\n"
        ),
    }
    judgement = bench.judged(program(runtime, text[runtime], BENIGN[runtime]), BEFORE[runtime], AFTER[runtime])
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.REFUSED, Reason.FOLLOWS_TEXT)
    assert answers(judgement)["reprint"] is Said.FAILED


@RUNTIMES
def test_a_program_that_looks_for_words_of_the_fix_is_refused(bench: Bench, runtime: Runtime) -> None:
    text = {
        Runtime.PYTHON: (
            "import pkg\nfixed = 'def quoted(name)' in open(pkg.__file__).read()\n"
            "pkg.run('true' if fixed else 'true @@TOKEN@@')\n"
        ),
        Runtime.NODE: (
            "const pkg = require('pkg');\nconst data = require('fs').readFileSync(require.resolve('pkg'), 'utf8');\n"
            "pkg.run(data.includes('exports.quoted') ? 'true' : 'true @@TOKEN@@');\n"
        ),
    }
    judgement = bench.judged(program(runtime, text[runtime], BENIGN[runtime]), BEFORE[runtime], AFTER[runtime])
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.REFUSED, Reason.FOLLOWS_TEXT)
    assert answers(judgement)["graft"] is Said.FAILED


@RUNTIMES
def test_what_only_a_new_name_stops_is_put_to_a_person(bench: Bench, runtime: Runtime) -> None:
    text = {
        Runtime.PYTHON: "import pkg\npkg.run('true' if hasattr(pkg, 'quoted') else 'true @@TOKEN@@')\n",
        Runtime.NODE: "const pkg = require('pkg');\npkg.run('quoted' in pkg ? 'true' : 'true @@TOKEN@@');\n",
    }
    judgement = bench.judged(program(runtime, text[runtime], BENIGN[runtime]), BEFORE[runtime], AFTER[runtime])
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FOLLOWS_TEXT)
    assert any(one.variant is VariantName.GRAFT_TEXT and one.outcome is Outcome.FIRED for one in judgement.runs)


def test_a_variant_that_cannot_be_built_takes_nothing_from_data_and_the_grade_from_a_program() -> None:
    unbuilt = on(V.REPRINT, Outcome.COULD_NOT_RUN, why="no source", facts={"fault": NOT_BUILT})
    data, own_code = judged(unbuilt), judged(unbuilt, setting=replace(SETTING, program=True))
    assert (data.grade, own_code.grade) == (Grade.A, Grade.C)
    assert answers(data)["reprint"] is answers(own_code)["reprint"] is Said.NOT_POSSIBLE


def test_a_benign_run_that_fails_on_a_graft_is_no_word_against_the_proof() -> None:
    judgement = judged(on(V.GRAFT, Outcome.COULD_NOT_RUN, benign=True, why="it broke"))
    assert judgement.grade is Grade.A
    assert answers(judgement)["graft"] is Said.NOT_POSSIBLE


def test_a_proof_that_shows_in_other_functions_of_the_reprint_is_held() -> None:
    frames = tuple(replace(one, function="other") for one in a_witness().frames)
    moved = replace(a_witness(), frames=frames)
    judgement = judged(on(V.REPRINT, Outcome.FIRED, witness=moved))
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FOLLOWS_TEXT)


def test_lines_that_moved_are_no_other_place() -> None:
    moved = replace(a_witness(), frames=tuple(replace(one, line=one.line + 90) for one in a_witness().frames))
    assert judged(on(V.REPRINT, Outcome.FIRED, witness=moved)).grade is Grade.A


def test_a_busy_machine_that_cuts_a_reprint_off_is_never_counted() -> None:
    judgement = judged(on(V.REPRINT, Outcome.COULD_NOT_RUN, why="it ran out of time before its end"))
    assert judgement.outcome is FindingOutcome.NOT_JUDGED
