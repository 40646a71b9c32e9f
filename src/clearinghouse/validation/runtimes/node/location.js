/*
 * Where a function was written, and what text became code: asked of the engine's inspector, which no name or
 * `toString` can deceive.
 *
 * Used only before and between steps, never while something is measured; the session is closed between questions.
 */
'use strict';

const inspector = require('inspector');
const { append, defineProperty, natives, stringify } = require('./saved.js');

const { Session } = inspector;
const { random } = Math;
const { connect, disconnect, post, on } = Session.prototype;

/** Return what `task(ask, scripts)` says, asking the inspector; undefined when it cannot be asked. */
function withInspector(task) {
  const session = new Session();
  const scripts = new Map();
  const ask = (method, params) => {
    let answer = {};
    post.call(session, method, params, (failure, result) => {
      answer = failure ? {} : result;
    });
    return answer;
  };
  try {
    connect.call(session);
    on.call(session, 'Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url));
    ask('Debugger.enable');
    ask('Debugger.setSkipAllPauses', { skip: true });
    return task(ask, scripts);
  } catch {
    return undefined;
  } finally {
    disconnect.call(session);
  }
}

/**
 * Return the file in which each function's text stands: an absolute path, `node:…` for the platform's own code, `native`
 * for the engine's, `dynamic` for code made at run time, `unknown` when it cannot be told.
 *
 * @param {Function[]} subjects
 * @returns {string[]}
 */
function filesOf(subjects) {
  if (subjects.length === 0) return [];
  const name = `clearinghouse ${random()}`;
  defineProperty(globalThis, name, { __proto__: null, value: subjects, configurable: true });
  const found = withInspector((ask, scripts) => {
    const files = [];
    for (let i = 0; i < subjects.length; i += 1) {
      append(files, fileBehind(ask, scripts, `globalThis[${stringify(name)}][${i}]`));
    }
    return files;
  });
  delete globalThis[name];
  return found || [];
}

/** Return the file of the function that an expression names, behind whatever wraps it. */
function fileBehind(ask, scripts, expression) {
  let { result } = ask('Runtime.evaluate', { expression });
  for (let hops = 0; result && result.objectId && hops < 8; hops += 1) {
    const { internalProperties = [] } = ask('Runtime.getProperties', {
      objectId: result.objectId,
      ownProperties: true,
    });
    const property = (key) => (internalProperties.find((one) => one.name === key) || {}).value;
    const location = property('[[FunctionLocation]]');
    if (location && location.value) return nameOf(scripts.get(location.value.scriptId));
    result = property('[[TargetFunction]]') || property('[[Target]]');
    if (result === undefined) return 'native';
  }
  return 'unknown';
}

/**
 * Return the file in which a function's text stands; see `filesOf`.
 *
 * @param {Function} subject
 * @returns {string}
 */
const fileOf = (subject) => filesOf([subject])[0] || 'unknown';

/**
 * Return every text that became code at run time, by whatever way.
 *
 * @returns {string[]}
 */
function dynamicCode() {
  const all = (ask, scripts) => {
    const found = [];
    for (const [scriptId, address] of scripts) {
      if (nameOf(address) !== 'dynamic') continue;
      const { scriptSource = '' } = ask('Debugger.getScriptSource', { scriptId });
      append(found, scriptSource);
    }
    return found;
  };
  return withInspector(all) || [];
}

/** Return a script's address as a path. */
function nameOf(address) {
  if (address === undefined) return 'unknown';
  if (address === '') return 'dynamic';
  if (address.startsWith('file://')) return decodeURIComponent(address.slice(7));
  if (address.startsWith('/') || address.startsWith('node:')) return address;
  if (address.startsWith('internal/')) return `node:${address}`;
  return typeof natives[address.replace(/\.js$/, '')] === 'string' ? `node:${address}` : 'dynamic';
}

module.exports = { __proto__: null, fileOf, filesOf, dynamicCode };
