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
const { watchOffspring } = require('./offspring.js');
const { makeRecorder } = require('./recorder.js');
const { imported, writeShim } = require('./shim.js');

/** Say whether a program is written as an ES module. */
const isModule = (name, text) =>
  name.endsWith('.mjs') || (!name.endsWith('.cjs') && /^\s*(?:import\s*[\w{*'"]|export\s)/m.test(text));

/** Return the texts of all scripts in a folder. */
function textsIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const file = path.join(folder, one.name);
    if (one.isDirectory()) return textsIn(file);
    return /\.[cm]?js$/.test(one.name) && one.isFile() ? [fs.readFileSync(file, 'utf8')] : [];
  });
}

/**
 * Return a program ready to be started.
 *
 * @param {object} run everything of this run; see main.js
 */
function makeProgram(run) {
  const { brief, places, work, send, stand, resolver } = run;
  const { deps, names, root } = brief.target;
  const folder = path.join(work, 'proof');
  let file = path.join(folder, brief.program || '');
  if (!file.startsWith(folder + path.sep) || !fs.existsSync(file))
    throw new Fault('bad-document', `no program ${brief.program}`);
  const bytes = withMarks(fs.readFileSync(file), brief.token, places.canary);
  const text = bytes.toString('utf8');
  const esm = isModule(file, text);
  if (esm && !file.endsWith('.mjs')) file = file.replace(/(?:\.js)?$/, '.mjs');
  fs.writeFileSync(file, bytes);
  const isFinders = (one) => one.startsWith(folder + path.sep);
  const recorder = brief.mode === 'record' ? makeRecorder({ ...run, isFinders }) : undefined;
  const shimmed = esm && (stand || recorder);
  if (!shimmed) fs.symlinkSync(deps, path.join(work, 'node_modules'));

  let offspring = () => [];

  /** Give an ES module what it imports under the target's name. */
  const shim = async () => {
    const modules = new Map();
    for (const [specifier, keys] of imported(textsIn(folder), names)) {
      if (stand) {
        modules.set(specifier, { value: stand, keys });
        continue;
      }
      try {
        await resolver.load(specifier);
      } catch (failure) {
        if (failure instanceof Fault && keys.size === 0) continue; // a text that looks like the name of a module
        throw failure;
      }
      const real = resolver.loaded(specifier);
      modules.set(specifier, {
        value: recorder.wrapped(real, { path: specifier }),
        keys: [...keys, ...Object.keys(real)],
      });
    }
    return writeShim({ work, deps, name: names[0], root, modules });
  };

  return {
    __proto__: null,
    /** Start it and return what it exports or promises. */
    async start() {
      process.argv = [process.execPath, file];
      const globals = shimmed ? await shim() : new Map();
      if (recorder) {
        recorder.install();
        offspring = watchOffspring(run, globals);
      }
      if (esm) return import(pathToFileURL(file).href);
      Module._load(file, null, true);
      return undefined;
    },
    /** Send what was recorded. */
    finish() {
      if (!recorder) return;
      send({ t: 'calls', ...recorder.document() });
      for (const left of offspring()) send({ t: 'calls-elsewhere', text: left });
    },
  };
}

module.exports = { __proto__: null, makeProgram };
