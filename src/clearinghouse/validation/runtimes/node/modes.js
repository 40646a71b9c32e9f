/*
 * The four ways of running a proof. Each is prepared before the hooks are installed and started after.
 */
'use strict';

const { Fault, textOf, typeOf } = require('./faults.js');
const { giveStdin } = require('./box.js');
const { measureGrowth } = require('./growth.js');
const { inputAct, withMarks } = require('./input.js');
const { makeProgram } = require('./program.js');
const { makeReplay, NeedsFailedStep } = require('./replay.js');

const SETTLE_MS = 2000;

/** `calls`: the replay of a document, or its measurement when growth is looked for. */
function callsMode(run) {
  const { brief, places, resolver, waiting, state, send } = run;
  const { document, token, hold, sizes } = brief;
  const growth = brief.detector === 'growth';
  const replay = makeReplay(document, { resolver, waiting, token, places, hold: hold || {} });
  const beside = brief.beside ? makeReplay(brief.beside, { resolver, waiting, token, places }) : undefined;
  const stdin = replay.layOut();
  if (stdin !== undefined) giveStdin(run.work, stdin);
  return async () => {
    await replay.load();
    run.ready();
    if (growth && sizes && sizes.length > 0) {
      await measureGrowth({ replay, beside, sizes, remaining: run.remaining, send });
      return 0;
    }
    await replay.run({
      begin(index) {
        state.step = index;
        state.open = true;
      },
      step(record, outcome) {
        state.open = false;
        if (outcome.failed && brief.detector === 'exception' && !(outcome.failure instanceof NeedsFailedStep))
          run.raise(outcome.failure);
        run.look();
        send(record);
      },
      broken: send,
    });
    return SETTLE_MS;
  };
}

/** `input`: bytes for a harness of the target; told as one step. */
function inputMode(run) {
  const { brief, places, resolver, waiting, state, send } = run;
  if (brief.detector === 'growth') throw new Fault('unsupported', 'growth needs a calls document with "$n"');
  const content = withMarks(Buffer.from(brief.input, 'base64'), brief.token, places.canary);
  const harness = brief.harness || {};
  if (harness.stdin === true) giveStdin(run.work, content);
  return async () => {
    const act = await inputAct({
      harness,
      content,
      root: brief.target.root,
      box: places.box,
      resolver,
      isNull: Boolean(brief.null),
    });
    run.ready();
    state.step = 0;
    state.open = true;
    let outcome;
    try {
      outcome = await waiting.result(act());
    } catch (failure) {
      if (failure instanceof Fault) throw failure;
      outcome = { failure, failed: true };
    }
    state.open = false;
    if (outcome.failed && brief.detector === 'exception') run.raise(outcome.failure);
    await waiting.quiet(harness.bin ? run.remaining() : SETTLE_MS);
    run.look();
    const { failed, failure } = outcome;
    send(
      failed
        ? { t: 'step', index: 0, ok: false, raised: typeOf(failure), text: textOf(failure).slice(0, 200) }
        : { t: 'step', index: 0, ok: true },
    );
    return 0;
  };
}

/** `program` and `record`: the finder's own code; under the recorder its calls become a document. */
function programMode(run) {
  if (run.brief.detector === 'growth' && run.brief.mode === 'program') {
    throw new Fault('unsupported', 'growth is measured on a calls document only');
  }
  const program = makeProgram(run);
  return async () => {
    run.ready();
    const start = program.start();
    const outcome = await run.waiting.result(start);
    if (outcome.failed) {
      if (outcome.failure instanceof Fault) throw outcome.failure;
      run.died(outcome.failure);
    }
    await run.waiting.quiet(run.remaining());
    program.finish();
    return 0;
  };
}

module.exports = { __proto__: null, calls: callsMode, input: inputMode, program: programMode, record: programMode };
