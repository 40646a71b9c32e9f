/*
 * Runs the finder's own program: from `<work>/proof`, with the packages where it looks for them.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');
const { Fault } = require('./faults.js');
const { withMarks } = require('./input.js');
const { makeRecorder } = require('./recorder.js');

/** Say whether a program is written as an ES module. */
const isModule = (name, text) => name.endsWith('.mjs') || (!name.endsWith('.cjs') && /^\s*(?:import\s*[\w{*'"]|export\s)/m.test(text));

/**
 * Return a program ready to be started.
 *
 * @param {object} run everything of this run; see main.js
 */
function makeProgram(run) {
  const { brief, places, work, send } = run;
  const folder = path.join(work, 'proof');
  const file = path.join(folder, brief.program || '');
  if (!file.startsWith(folder + path.sep) || !fs.existsSync(file)) throw new Fault('bad-document', `no program ${brief.program}`);
  const text = withMarks(fs.readFileSync(file), brief.token, places.canary);
  fs.writeFileSync(file, text);
  if (!fs.existsSync(path.join(work, 'node_modules'))) fs.symlinkSync(brief.target.deps, path.join(work, 'node_modules'));
  const esm = isModule(file, text.toString('utf8'));
  if (esm && (run.stand || brief.mode === 'record')) {
    throw new Fault('unsupported', 'a program written as an ES module cannot be given a stand-in; write it with require()');
  }
  const recorder = brief.mode === 'record' ? makeRecorder({ ...run, folder }) : undefined;
  return {
    __proto__: null,
    /** Start it and return what it exports or promises. */
    async start() {
      process.argv = [process.execPath, file];
      if (recorder) recorder.install();
      if (esm) return import(pathToFileURL(file).href);
      Module._load(file, null, true);
      return undefined;
    },
    /** Send what was recorded. */
    finish() {
      if (recorder) send({ t: 'calls', ...recorder.document() });
    },
  };
}

module.exports = { __proto__: null, makeProgram };
