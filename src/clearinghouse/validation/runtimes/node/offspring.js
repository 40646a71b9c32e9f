/*
 * The workers and child processes of a program under the recorder: each runs a recorder of its own and leaves what it
 * wrote down in a file. Nobody has to trust these files, for what they propose is replayed; so the finder may do with
 * them, and with the environment that leads to them, what he likes.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const workers = require('worker_threads');
const { makeRecorder } = require('./recorder.js');

const MOST_FILES = 8;
const LARGEST = 512 * 1024;

/**
 * Let the workers and children that a program starts record themselves.
 *
 * @param {object} given
 * @param {string} given.work
 * @param {{target: object, token: string}} given.brief
 * @param {object} given.places
 * @param {Map<string, string>} globals what the modules that stand in for the target ask for; see shim.js
 * @returns {() => string[]} what they have left by now
 */
function watchOffspring({ work, brief, places }, globals) {
  const folder = path.join(work, 'recording');
  const preload = path.join(folder, 'preload.js');
  const given = { folder, target: brief.target, token: brief.token, places, globals: [...globals] };
  fs.mkdirSync(folder);
  fs.writeFileSync(preload, `require(${JSON.stringify(__filename)}).begin(${JSON.stringify(given)});\n`);
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS || ''} --require=${preload}`.trim();
  workers.Worker = new Proxy(workers.Worker, {
    __proto__: null,
    construct(target, [file, options, ...rest], newTarget) {
      const execArgv = [...((options && options.execArgv) || process.execArgv), `--require=${preload}`];
      const maker = newTarget === workers.Worker ? target : newTarget;
      return Reflect.construct(target, [file, { ...options, execArgv }, ...rest], maker);
    },
  });
  Module.syncBuiltinESMExports();
  return () => left(folder);
}

/** Return the texts of the recordings in a folder, the oldest first. */
function left(folder) {
  const texts = [];
  for (const name of fs.readdirSync(folder).sort()) {
    const file = path.join(folder, name);
    if (!name.endsWith('.json') || texts.length >= MOST_FILES || !fs.lstatSync(file).isFile()) continue;
    if (fs.statSync(file).size <= LARGEST) texts.push(fs.readFileSync(file, 'utf8'));
  }
  return texts;
}

/**
 * Begin to record in a worker or child; it leaves its file at its first call into the target.
 *
 * @param {object} given what `watchOffspring` wrote down
 */
function begin({ folder, target, token, places, globals }) {
  const born = `${String(Date.now()).padStart(15, '0')}-${process.pid}-${workers.threadId}`;
  const file = path.join(folder, `${born}.json`);
  let called = false;
  const keep = ({ document, lossy }) => {
    called = true;
    fs.writeFileSync(`${file}.new`, JSON.stringify({ document, lossy }));
    fs.renameSync(`${file}.new`, file);
  };
  const recorder = makeRecorder({
    brief: { target, token },
    places,
    isFinders: (one) => !one.startsWith(`${target.deps}/`) && !one.startsWith(`${__dirname}/`),
    send: keep,
    early: true,
  });
  recorder.install();
  const requireFrom = Module.createRequire(`${target.deps.replace(/\/node_modules$/, '')}/entry.js`);
  for (const [specifier, name] of globals) {
    const get = () => recorder.wrapped(requireFrom(specifier), { path: specifier });
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
  process.on('exit', () => {
    if (called) keep(recorder.document());
  });
}

module.exports = { __proto__: null, begin, watchOffspring };
