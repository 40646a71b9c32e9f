"""The bench of harmless runs: what counts as a fault of ours, and how each form is watched."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from bench.benign import Case, Desk, Done, Kept, done_of, faults_of, styles_of
from clearinghouse.releases.rules import Environment
from clearinghouse.sandbox.profile import Ended, Job, Observed
from clearinghouse.validation.brief import Form, Proof, Secrets
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import Start
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Outcome, Run, VariantName
from tests.validation.makers import a_form, a_proof, a_run

ENDED = Ended(0, None, timed_out=False, out_of_memory=False, stdout=b"said k3jq\n", stderr=b"", records=b"", cut=(),
              wall_seconds=0.1, cpu_seconds=0.1, peak_bytes=1, tier="bubblewrap")  # fmt: skip
END = Records(({"t": "step", "index": 0, "ok": True, "value": "a k3jq"}, {"t": "end"}), ended=True, broken="")


class NoSandbox:
    """Stands where a sandbox would."""

    tier = "none"

    def run(self, job: Job) -> Ended:
        """Never asked."""
        raise NotImplementedError


QUIET = a_run(Start(VariantName.VULNERABLE), Outcome.SILENT)


def test_a_run_that_came_to_its_end_and_saw_nothing_has_no_fault() -> None:
    assert faults_of(QUIET, END, ENDED) == []


@pytest.mark.parametrize(
    ("run", "records", "ended", "said"),
    [
        (a_run(Start(VariantName.VULNERABLE), Outcome.FIRED), END, ENDED, "it fired"),
        (replace(QUIET, tampered="record 3 is forged"), END, ENDED, "cannot be trusted"),
        (replace(QUIET, facts={"fault": "import-failed"}), END, ENDED, "the runner says"),
        (QUIET, replace(END, ended=False), ENDED, "did not come to its end"),
        (QUIET, END, replace(ENDED, observed=Observed(why="no listener")), "the observer could not look"),
    ],
)  # fmt: skip
def test_what_of_ours_goes_wrong_is_named(run, records, ended, said) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert [said in one for one in faults_of(run, records, ended)] == [True]


def test_what_a_form_did_is_told_without_the_token_of_the_run() -> None:
    assert done_of(END, ENDED, "k3jq") == Done(
        0, None, b"said <token>\n", ((0, True, "", "'a <token>'"),), gave_up=False
    )


@pytest.mark.parametrize("line", [b"clearinghouse runner: boom", b'File "/runner/hook.py", line 7'])
def test_a_runner_that_stands_on_standard_error_gave_up(line: bytes) -> None:
    assert done_of(END, replace(ENDED, stderr=line), "k3jq").gave_up


def test_each_kind_of_form_is_watched_in_its_own_ways() -> None:
    program = Form("program", program="proof.py", files={"proof.py": b""})
    growing = a_form(steps=[{"call": "pkg.read", "args": [{"$repeat": ["a", "$n"]}]}])
    timed = replace(a_proof(detector=Detector.GROWTH, form=growing, benign=growing), sizes=(10, 20))
    styles = {
        "calls": styles_of(a_proof()),
        "program": styles_of(a_proof(form=program, benign=program)),
        "growth": styles_of(timed),
        "hang": styles_of(a_proof(detector=Detector.HANG)),
    }
    assert {kind: [one.name for one in found] for kind, found in styles.items()} == {
        "calls": ["hooked"],
        "program": ["hooked", "recorded"],
        "growth": ["measured by turns", "smallest size"],
        "hang": ["timed"],
    }
    assert {one.plain.detector for found in styles.values() for one in found if one.plain} == {Detector.HANG}
    assert [one.watched.form.mode for one in styles["program"]] == ["program", "record"]


@pytest.mark.parametrize(
    ("watched", "plain", "kind"),
    [
        ([b"a\n"], [b"a\n"], "same"),
        ([b"b\n"], [b"a\n"], "fault"),
        ([b"b\n"], [b"a\n", b"a\n", b"a\n", b"b\n"], "same"),
        ([b"c\n"], [b"a\n", b"b\n"], "quiet"),
    ],
    ids=["alike", "otherwise", "otherwise by itself now and then", "never twice the same"],
)
def test_what_a_form_does_is_held_against_its_runs_without_hooks(
    watched: list[bytes], plain: list[bytes], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (style,) = styles_of(a_proof())
    printed = {id(style.watched): iter(watched), id(style.plain): iter([*plain, *plain[-1:] * 9])}
    sandbox = Kept(NoSandbox())

    def launched(proof: Proof, *_: object, **__: object) -> tuple[Run, Records]:
        sandbox.last = replace(ENDED, stdout=next(printed[id(proof)]))
        return QUIET, END

    monkeypatch.setattr("bench.benign.launch", launched)
    lab = SimpleNamespace(
        sandbox=sandbox,
        secrets=lambda: Secrets(key="00", token="k3jq"),
        runners=SimpleNamespace(folder=lambda _: None),
    )
    case = Case("report", cast("Environment", SimpleNamespace(interpreter=None)), style)
    assert Desk(cast("Lab", lab)).look(case).kind == kind
