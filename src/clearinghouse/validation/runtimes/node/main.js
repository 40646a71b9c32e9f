/*
 * Runs one proof beside the target and reports what our detectors see: `node main.js <brief fd> <records fd>`.
 *
 * What the brief holds and what the records say is the wire format, version 1; see docs/guide/witness-protocol.md.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { openChannel } = require('./channel.js');
const { Fault, textOf } = require('./faults.js');
const { makePlaces } = require('./box.js');
const { makeBlame } = require('./blame.js');
const { dynamicCode } = require('./location.js');
const { makeReporter } = require('./hook.js');
const { watchCode } = require('./code.js');
const { watchFiles } = require('./files.js');
const { watchNetwork } = require('./network.js');
const { watchKills, watchProcesses } = require('./processes.js');
const { watchPrototypes } = require('./pollution.js');
const { makeWaiting } = require('./settle.js');
const { makeResolver } = require('./resolve.js');
const { replaceImports, standIn, statedVersion } = require('./nulls.js');
const { watchIntegrity } = require('./integrity.js');
const { raiseRecord } = require('./raised.js');
const modes = require('./modes.js');

const { reallyExit, cpuUsage } = process;
const UNHOOKED = new Set(['growth', 'hang']);
const EXCEPTION_FRAMES = 100;

/** Read the brief to its end and close it. */
function readBrief(fd) {
  const parts = [];
  const part = Buffer.alloc(65536);
  for (;;) {
    const size = fs.readSync(fd, part, 0, part.length, null);
    if (size === 0) break;
    parts.push(Buffer.from(part.subarray(0, size)));
  }
  fs.closeSync(fd);
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

/**
 * Leave nothing behind that leads from foreign code to this program; the main module is an empty one in the box, for
 * code that asks it to load something, as an application's main module would.
 */
function hideOurselves(box) {
  for (const file of Object.keys(require.cache)) delete require.cache[file];
  module.children = [];
  const main = new Module(path.join(box, 'main.js'));
  main.filename = main.id;
  main.paths = [];
  process.mainModule = main;
}

/** Install what watches; return what looks for changed prototypes. */
function install({ reporter, brief, places, send }) {
  watchProcesses(reporter, send);
  watchFiles(reporter, { zone: places.zone, quiet: [`${brief.target.deps}/`, `${__dirname}/`] });
  watchNetwork(reporter);
  watchKills(reporter, send);
  watchCode(reporter);
  const look = brief.detector === 'pollution' ? watchPrototypes(reporter) : () => {};
  if (reporter.blame.guarded) {
    const lookAround = watchIntegrity({ folder: path.join(path.dirname(places.box), 'proof'), root: brief.target.root, send });
    reporter.lookAtActs(lookAround);
  }
  Module.syncBuiltinESMExports();
  return look;
}

/** Return everything that one run needs. */
function makeRun(brief, send) {
  const { detector, token, target } = brief;
  const began = Date.now();
  const work = process.cwd();
  const state = { step: null, open: false, ended: false };
  const places = makePlaces(work, token, detector);
  const blame = makeBlame(
    { root: target.root, deps: target.deps, runner: __dirname },
    brief.mode === 'program' || brief.mode === 'record',
  );
  const remaining = () => brief.limit_seconds * 1000 - (Date.now() - began);
  const stand = brief.null ? standIn(brief.null, statedVersion(target.root)) : undefined;
  const reporter = makeReporter({ send, token, blame, step: () => state.step });
  const record = (thrown) =>
    raiseRecord(thrown, { blame, deps: target.deps, digests: reporter.digests, step: state.step });
  const run = {
    blame,
    brief,
    look() {},
    places,
    remaining,
    reporter,
    resolver: makeResolver({ names: target.names, root: target.root, deps: target.deps, stand }),
    send,
    stand,
    state,
    used: cpuUsage(),
    waiting: makeWaiting(remaining),
    work,
    raise: (thrown) => send(record(thrown)),
    /** What nobody caught: node itself would have ended the program there. */
    died(thrown) {
      const said = record(thrown);
      send(said);
      if (state.died || brief.mode !== 'program') return;
      state.died = true;
      const own = said.frames.find((frame) => frame.owner === 'finder');
      const at = own ? `${path.basename(own.file)}, line ${own.line}` : '';
      send({ t: 'step', index: 0, ok: false, raised: said.type, text: said.text, at });
    },
    ready() {
      send({ t: 'ready', interpreter: process.versions.node });
      run.used = cpuUsage();
    },
  };
  return run;
}

/** Send the last records and be gone. */
function close(run) {
  const { user, system } = cpuUsage(run.used);
  run.look();
  const { detector } = run.brief;
  if (!UNHOOKED.has(detector) && !run.blame.guarded) {
    for (const text of dynamicCode()) run.reporter.made(text); // a direct eval is seen by nobody else
    run.reporter.sendMade();
  }
  run.send({ t: 'end', cpu: (user + system) / 1e6 });
  reallyExit.call(process, 0);
}

/** End the run: the target's own `exit` listeners are heard, whatever they do, then the last records go out. */
function finish(run) {
  const { state, send } = run;
  if (state.ended) return;
  state.ended = true;
  if (state.open) {
    send({ t: 'step', index: state.step, ok: false, raised: 'process.exit', text: 'the target ended the process' });
  }
  process.reallyExit = () => close(run);
  try {
    process.emit('exit', 0);
  } catch (failure) {
    run.raise(failure);
  }
  close(run);
}

/** Run the proof that the brief describes. */
async function main(briefFd, recordsFd) {
  const brief = readBrief(briefFd);
  const send = openChannel(recordsFd, brief.key);
  brief.key = '';
  let run;
  try {
    run = makeRun(brief, send);
    process.on('exit', () => finish(run));
    process.on('uncaughtException', run.died);
    process.on('unhandledRejection', run.died);
    const mode = modes[brief.mode];
    if (mode === undefined) throw new Fault('unsupported', `mode ${brief.mode}`);
    if (brief.detector === 'exception') Error.stackTraceLimit = EXCEPTION_FRAMES;
    const go = mode(run);
    if (!UNHOOKED.has(brief.detector)) run.look = install(run);
    if (run.stand) replaceImports(brief.target.names, run.stand);
    hideOurselves(run.places.box);
    const settle = await go();
    if (settle > 0) await run.waiting.quiet(settle);
    finish(run);
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure;
    send({ t: 'fault', code: failure.code, detail: textOf(failure).slice(0, 300) });
    send({ t: 'end' });
    reallyExit.call(process, 0);
  }
}

/** Say what failed in the runner itself, without an end: the reader then knows that this run does not count. */
function giveUp(failure) {
  try {
    fs.writeSync(2, `clearinghouse runner: ${failure && failure.stack}\n`);
  } finally {
    reallyExit.call(process, 70);
  }
}

const [, , briefFd, recordsFd] = process.argv;
process.argv = [process.execPath];
main(Number(briefFd), Number(recordsFd)).catch(giveUp);
