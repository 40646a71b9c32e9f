/*
 * Sees processes being started (child_process, the bindings below it, worker threads) and signals sent to oneself.
 */
'use strict';

const childProcess = require('child_process');
const cluster = require('cluster');
const workers = require('worker_threads');
const { said, wrap } = require('./hook.js');
const { isArray, ownValue } = require('./saved.js');
const { capture } = require('./stack.js');

const STARTERS = ['exec', 'execSync', 'execFile', 'execFileSync', 'fork', 'spawn', 'spawnSync'];

/** Return the command line that the arguments of a starter make. */
function commandOf(args) {
  const options = isArray(args[1]) ? args[2] : args[1];
  const parts = [
    said(args[0]),
    isArray(args[1]) ? said(args[1]) : '',
    said(ownValue(options, 'argv0')),
    said(ownValue(options, 'shell')),
  ];
  let line = '';
  for (let i = 0; i < parts.length; i += 1) if (parts[i]) line += (line ? ' ' : '') + parts[i];
  return line;
}

/**
 * Install the hooks.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 * @param {(record: object) => void} send
 */
function watchProcesses(reporter, send) {
  let childSaid = !reporter.blame.guarded;
  const report = (event, line, above) => {
    if (reporter.carries(line)) reporter.act('command-execution', event, line, above);
    if (childSaid || reporter.blame.walk(capture(above)).blamed !== 'finder') return;
    childSaid = true; // nobody watches in there
    send({ __proto__: null, t: 'child', event });
  };
  for (const name of STARTERS) {
    wrap(childProcess, name, (args, _, above) => report(`child_process.${name}`, commandOf(args), above));
  }
  const started = (event) => (args, _, above) => {
    const options = args[0];
    report(event, `${said(ownValue(options, 'file'))} ${said(ownValue(options, 'args'))}`, above);
  };
  wrap(childProcess.ChildProcess.prototype, 'spawn', started('child_process.ChildProcess.spawn'));
  wrap(cluster, 'fork', (args, _, above) => report('cluster.fork', said(args[0]), above));
  wrap(workers, 'Worker', (args, _, above) => {
    report('worker_threads.Worker', `${said(args[0])} ${said(ownValue(args[1], 'argv'))}`, above);
  });
  try {
    wrap(process.binding('spawn_sync'), 'spawn', started('spawn_sync.spawn'));
    wrap(process.binding('process_wrap').Process.prototype, 'spawn', started('process_wrap.spawn'));
  } catch {
    // A platform without these bindings: the functions above are the only doors.
  }
}

/**
 * Note every signal that this process sends itself: a crash of that kind is none.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 * @param {(record: object) => void} send
 */
function watchKills(reporter, send) {
  const note = (event) => (args, _, above) => {
    send({ __proto__: null, t: 'kill', event, blamed: reporter.blame.walk(capture(above)).blamed });
  };
  wrap(process, 'abort', note('process.abort'));
  wrap(process, 'kill', note('process.kill'));
  wrap(process, '_kill', note('process.kill'));
}

module.exports = { __proto__: null, watchKills, watchProcesses };
