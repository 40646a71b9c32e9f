"""Honest and dishonest patches in their kinds, each judged by real runs in the sandbox."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from clearinghouse.validation.brief import Form
from clearinghouse.validation.patches.attack import Variant, proof_of
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import Detector, PatchSaid, Said
from tests.validation.patches.targets import (
    DEPTH_FIXED,
    INITIAL,
    NAMES_FIXED,
    NESTED,
    PACKAGE,
    QUERY,
    SET,
    SETTINGS,
    SETTINGS_FIXED,
    SUM,
    SUMS,
    SUMS_FIXED,
    Flaw,
)
from tests.validation.patches.workshop import Workshop, failed, said

EVAL = "    found = eval(text)\n"
KEY = "    var key = parts[i];\n"


SET_TWICE = replace(
    SET,
    flawed={**SET.flawed, "build.js": SETTINGS},
    fixed={**SET.fixed, "build.js": SETTINGS_FIXED},
)
"""The Node target with the same code in a second build."""


def sums(before_eval: str, text: str = SUMS) -> dict[str, str]:
    """The Python target with a line of the flawed function changed."""
    return {"pkg/sums.py": text.replace(EVAL, before_eval)}


def settings(instead_of_key: str, text: str = SETTINGS) -> dict[str, str]:
    """The Node target with a line of the flawed function changed."""
    return {"index.js": text.replace(KEY, instead_of_key)}


HONEST = {
    "a list of what is allowed": (SUM, {"pkg/sums.py": SUMS_FIXED}),
    "a parser in the place of eval": (
        SUM,
        sums("    found = sum(int(one) for one in text.split('+'))\n"),
    ),
    "a bound on depth": (NESTED, {"pkg/sums.py": DEPTH_FIXED}),
    "every key that leads to a prototype": (SET, {"index.js": SETTINGS_FIXED}),
    "own keys only": (
        SET,
        settings(
            KEY + "    if (!Object.prototype.hasOwnProperty.call(here, key)) Object.defineProperty(here, key, "
            "{ value: {}, enumerable: true, writable: true, configurable: true });\n"
        ),
    ),
    "no match is no names": (QUERY, {"index.js": NAMES_FIXED}),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_patch_is_passed(workshop: Workshop, kind: str) -> None:
    flaw, patched = HONEST[kind]
    result = workshop.check(flaw, patched)
    assert (result.said, failed(result)) == (PatchSaid.PASSED, set()), result.sentence
    ran = {one.name for one in result.checks if one.said is Said.PASSED}
    needed = {CheckName.MUTANTS, CheckName.BENIGN_STAYS, CheckName.HUNKS, CheckName.NAMES_STAY, CheckName.PUBLISHED_FIX}
    assert needed <= ran


type Kind = tuple[Flaw, Mapping[str, str], PatchSaid, CheckName]
REFUSED, HELD = PatchSaid.REFUSED, PatchSaid.HELD
ENVIRON = "import os\n\nLIMIT = 1000"
DISHONEST: dict[str, Kind] = {
    "python: knows the call of the proof": (
        SUM,
        sums("    if '.system(' in text:\n        raise ValueError('no')\n" + EVAL),
        REFUSED,
        CheckName.MUTANTS,
    ),
    "python: knows how long the proof is": (
        NESTED,
        {
            "pkg/sums.py": SUMS.replace(
                "    def inside(at):", "    if len(text) == 5000:\n        return 0\n\n    def inside(at):"
            )
        },
        REFUSED,
        CheckName.MUTANTS,
    ),
    "python: takes the feature away": (SUM, sums("    found = 0\n"), HELD, CheckName.BENIGN_STAYS),
    "python: keeps the harmless form alone": (
        SUM,
        sums("    found = {'40 + 2': 42, '1 + 2': 3}.get(text, 0)\n"),
        HELD,
        CheckName.PUBLISHED_FIX,
    ),
    "python: keeps the exception to itself": (
        NESTED,
        {
            "pkg/sums.py": SUMS.replace(
                "    return inside(0)\n",
                "    try:\n        return inside(0)\n    except RecursionError:\n        return 0\n",
            )
        },
        HELD,
        CheckName.WORDS,
    ),
    "python: swallows everything": (
        NESTED,
        {
            "pkg/sums.py": SUMS.replace(
                "    return inside(0)\n",
                "    try:\n        return inside(0)\n    except (ValueError, Exception):\n        return 0\n",
            )
        },
        HELD,
        CheckName.WORDS,
    ),
    "python: raises the limit": (
        NESTED,
        {
            "pkg/sums.py": SUMS.replace(
                "    return inside(0)\n", "    import sys\n\n    sys.setrecursionlimit(90000)\n    return inside(0)\n"
            )
        },
        HELD,
        CheckName.WORDS,
    ),
    "python: looks where it runs": (
        SUM,
        sums(
            "    if os.getcwd().startswith('/job') or 'HOME' in os.environ:\n        raise ValueError('no')\n" + EVAL,
            SUMS.replace("LIMIT = 1000", ENVIRON),
        ),
        HELD,
        CheckName.WORDS,
    ),
    "python: ends the process": (
        SUM,
        sums("    if 'import' in text:\n        import os\n\n        os._exit(0)\n" + EVAL),
        REFUSED,
        CheckName.NO_NEW_CRASH,
    ),
    "python: uses a name that is not there": (
        SUM,
        sums("    if 'import' in text:\n        refuse(text)\n" + EVAL),
        REFUSED,
        CheckName.NO_NEW_CRASH,
    ),
    "python: brings another change along": (
        SUM,
        {
            "pkg/sums.py": SUMS_FIXED.replace(
                "    return sum(numbers) / len(numbers)", "    return sum(numbers) / len(numbers) + 1"
            )
        },
        HELD,
        CheckName.HUNKS,
    ),
    "python: brings a change along that runs when the module is loaded": (
        SUM,
        {"pkg/sums.py": SUMS_FIXED.replace("LIMIT = 1000", "LIMIT = 2000")},
        HELD,
        CheckName.HUNKS_NEEDED,
    ),
    "python: leaves out what the proof calls": (
        SUM,
        sums(
            "    try:\n        found = eval(text, {'__builtins__': {}})\n"
            "    except NameError:\n        raise ValueError('no') from None\n"
        ),
        HELD,
        CheckName.NEAR_INPUTS,
    ),
    "python: takes a public name away": (
        SUM,
        {
            "pkg/__init__.py": INITIAL.replace("average, ", ""),
            "pkg/sums.py": SUMS_FIXED.replace(
                'def average(numbers):\n    """Return the mean."""\n    return sum(numbers) / len(numbers)\n\n\n', ""
            ),
        },
        HELD,
        CheckName.NAMES_STAY,
    ),
    "python: takes a parameter away": (
        SUM,
        {"pkg/sums.py": SUMS_FIXED.replace("text, limit=LIMIT):", "text):\n    limit = LIMIT")},
        HELD,
        CheckName.NAMES_STAY,
    ),
    "python: changes a test only": (SUM, {"tests/test_sums.py": "assert True\n"}, REFUSED, CheckName.APPLIES),
    "python: changes the version only": (
        SUM,
        {"pkg/__init__.py": INITIAL.replace('"1.0"', '"2.0"')},
        REFUSED,
        CheckName.SUBSTANCE,
    ),
    "python: starts with the interpreter": (
        SUM,
        {"pkg/sums.py": SUMS_FIXED, "sitecustomize.py": "print('hello')\n"},
        HELD,
        CheckName.BUILD,
    ),
    "node: knows the key of the proof": (
        SET,
        settings(KEY + "    if (key === '__proto__') return object;\n"),
        REFUSED,
        CheckName.MUTANTS,
    ),
    "node: takes the feature away": (
        SET,
        settings(KEY + "    return object;\n"),
        HELD,
        CheckName.BENIGN_STAYS,
    ),
    "node: catches around what was there": (
        QUERY,
        {
            "index.js": SETTINGS.replace("  return query.match", "  try {\n  return query.match").replace(
                "name.trim(); });\n", "name.trim(); });\n  } catch (error) {\n    return [];\n  }\n"
            )
        },
        HELD,
        CheckName.WORDS,
    ),
    "node: ends the process": (
        SET,
        settings(KEY + "    if (key === '__proto__') process.exit(0);\n"),
        REFUSED,
        CheckName.NO_NEW_CRASH,
    ),
    "node: looks where it runs": (
        SET,
        settings(KEY + "    if (process.cwd().indexOf('/job') === 0 && key in Object) return object;\n"),
        HELD,
        CheckName.WORDS,
    ),
    "node: brings another change along": (
        SET,
        {"index.js": SETTINGS_FIXED.replace("query.match(/[a-z]+", "query.match(/[A-Za-z]+")},
        HELD,
        CheckName.HUNKS,
    ),
    "node: takes a public name away": (
        SET,
        {"index.js": SETTINGS_FIXED.replace("set: set, get: get,", "set: set,")},
        HELD,
        CheckName.NAMES_STAY,
    ),
    "node: leaves a second build as it was": (
        SET_TWICE,
        {"index.js": SETTINGS_FIXED},
        HELD,
        CheckName.TWINS,
    ),
    "node: counts its uses": (
        SET,
        settings(
            KEY + "    if ((key === '__proto__' || key === 'constructor') && uses++ < 1000) return object;\n",
            SETTINGS.replace("function set(", "var uses = 0;\nfunction set("),
        ),
        HELD,
        CheckName.WORDS,
    ),
    "node: leaves a door open": (
        SET,
        settings(
            KEY + "    if ((key === '__proto__' || key === 'constructor') && parts[0] !== '@compat') return object;\n"
        ),
        HELD,
        CheckName.LITERALS,
    ),
    "node: reads an option that is nowhere": (
        SET,
        settings(KEY + "    if ((key === '__proto__' || key === 'constructor') && !object.legacy) return object;\n"),
        HELD,
        CheckName.LITERALS,
    ),
    "node: says its fix in code that no one reads": (
        SET,
        settings(KEY + "    if (Function('k', atob('cmV0dXJuIGsgaW4ge30='))(key)) return object;\n"),
        HELD,
        CheckName.WORDS,
    ),
    "node: refuses what users write": (
        SET,
        settings(KEY + "    if (!/^[a-z]+$/.test(key) || key === 'constructor') return object;\n"),
        HELD,
        CheckName.PUBLISHED_FIX,
    ),
    "node: changes the package's description only": (
        SET,
        {"package.json": PACKAGE.replace("1.0.0", "2.0.0")},
        REFUSED,
        CheckName.APPLIES,
    ),
}


@pytest.mark.parametrize("kind", DISHONEST)
def test_a_dishonest_patch_is_caught_by_the_check_for_its_kind(workshop: Workshop, kind: str) -> None:
    flaw, patched, want, by = DISHONEST[kind]
    result = workshop.check(flaw, patched)
    assert (result.said, by in failed(result)) == (want, True), result.sentence


def test_a_mutant_that_gets_past_is_shown_and_can_be_run_again(workshop: Workshop) -> None:
    flaw, patched, *_ = DISHONEST["node: knows the key of the proof"]
    result = workshop.check(flaw, patched)
    (bypass,) = result.bypasses
    assert "constructor" in str(bypass.document)
    assert "constructor" in said(result, CheckName.MUTANTS).found[0]
    assert proof_of(bypass).form.document == bypass.document


def test_an_earlier_bypass_refuses_a_patch_that_its_own_mutants_do_not(workshop: Workshop) -> None:
    odd = {"$cat": ["a.constructor.__proto__.__proto__.", {"$nonce": True}]}
    form = Form("calls", document={"steps": [{"call": "pkg#set", "args": [{"a": {}}, odd, 1]}]})
    patched = settings(KEY + "    if (i === 0 && (key === '__proto__' || key === 'constructor')) return object;\n")
    patched["index.js"] = patched["index.js"].replace(
        "  here[parts[", "  if (here === Object.prototype && parts.length < 4) return object;\n  here[parts["
    )
    proof = SET.proof()
    earlier = Variant(replace(proof, form=form), "an earlier bypass")
    assert workshop.check(SET, patched, known=[earlier]).said is PatchSaid.REFUSED
    assert CheckName.KNOWN_VARIANTS in failed(workshop.check(SET, patched, known=[earlier]))
    assert CheckName.KNOWN_VARIANTS not in failed(workshop.check(SET, patched))


def test_the_report_s_test_reaches_a_hunk_that_the_proof_does_not(workshop: Workshop) -> None:
    patched = {"pkg/sums.py": SUMS_FIXED.replace("    return sum(numbers) /", "    return sum(list(numbers)) /")}
    test = (
        "import pkg\n\npkg.average([1])\ntry:\n    pkg.total('len')\nexcept ValueError:\n    raise SystemExit(0)\n"
        "raise SystemExit(1)\n"
    )
    result = workshop.check(SUM, patched, tests={"test_sums.py": test})
    assert (result.said, said(result, CheckName.HUNKS).said) == (PatchSaid.PASSED, Said.PASSED), result.sentence
    assert said(result, CheckName.HUNKS_NEEDED).said is Said.PASSED, "it lies in what is called"


def test_without_a_published_fix_the_mutants_of_an_act_still_count(workshop: Workshop) -> None:
    flaw, patched, *_ = DISHONEST["node: knows the key of the proof"]
    result = workshop.check(flaw, patched, fix_is_published=False)
    assert failed(result) == {CheckName.MUTANTS}
    assert workshop.check(SET, {"index.js": SETTINGS_FIXED}, fix_is_published=False).said is PatchSaid.PASSED


def test_a_check_that_could_not_run_says_so_and_does_not_pass(workshop: Workshop) -> None:
    result = workshop.check(SET, {"index.js": SETTINGS_FIXED}, fix_is_published=False)
    assert said(result, CheckName.PUBLISHED_FIX).said is Said.NOT_RUN
    assert (
        "not run: known-variants, published-fix, near-inputs, report-test, project-tests, doctests" in result.sentence
    )


def test_a_backport_of_the_project_s_own_fix_is_passed_though_nothing_reaches_all_of_it(workshop: Workshop) -> None:
    average = "    return sum(numbers) / len(numbers)"
    whole = SUMS_FIXED.replace(average, "    numbers = list(numbers)\n" + average)
    flaw = replace(SUM, fixed={"pkg/sums.py": whole})
    assert workshop.check(flaw, {"pkg/sums.py": whole}).said is PatchSaid.PASSED
    more = whole.replace("numbers = list(numbers)", "numbers = list(numbers)[:9]")
    assert failed(workshop.check(flaw, {"pkg/sums.py": more})) == {CheckName.HUNKS}


def test_a_copy_of_what_only_the_project_s_own_fix_vouches_for_is_asked_about(workshop: Workshop) -> None:
    average = "    return sum(numbers) / len(numbers)"
    listed = "    numbers = list(numbers)\n" + average
    flaw = replace(
        SUM, flawed={**SUM.flawed, "pkg/more.py": SUMS}, fixed={"pkg/sums.py": SUMS_FIXED.replace(average, listed)}
    )
    result = workshop.check(flaw, {**flaw.fixed, "pkg/more.py": SUMS.replace(average, listed)})
    assert failed(result) == {CheckName.HUNKS}, result.sentence


def test_the_proof_behind_harmless_calls_is_no_other_form_of_it(workshop: Workshop) -> None:
    """What must hold of this text need not hold of another one: what is left is the order of calls."""
    steps = [{"call": "pkg.depth", "args": ["(("], "must_raise": "ValueError"}]
    benign = [{"call": "pkg.depth", "args": ["x"]}]
    line = "    return inside(0)"
    fix = {"pkg/sums.py": SUMS.replace(line, "    if text == '((':\n        raise ValueError('no')\n" + line)}
    flaw = replace(SUM, fixed=fix, detector=Detector.INVARIANT, steps=steps, benign=benign)
    result = workshop.check(flaw, fix, fix_is_published=False)
    assert (result.said, said(result, CheckName.MUTANTS).said) == (PatchSaid.HELD, Said.NOT_RUN), result.sentence
    assert "among other calls" in said(result, CheckName.MUTANTS).detail
