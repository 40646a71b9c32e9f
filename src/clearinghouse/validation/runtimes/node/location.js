/*
 * Where a function was written: asked of the engine's inspector, which no name or `toString` can deceive.
 *
 * Used only before and between steps, never while something is measured; the session is closed between questions.
 */
'use strict';

const inspector = require('inspector');

const { Session } = inspector;
const { connect, disconnect, post, on } = Session.prototype;

/**
 * Return the file in which a function's text stands: an absolute path, `node:…` for the platform's own code, `native`
 * for the engine's, `dynamic` for code made at run time, `unknown` when it cannot be told.
 *
 * @param {Function} subject
 * @returns {string}
 */
function fileOf(subject) {
  const session = new Session();
  const scripts = new Map();
  const name = `clearinghouse ${Math.random()}`;
  const ask = (method, params) => {
    let answer = {};
    post.call(session, method, params, (failure, result) => {
      answer = failure ? {} : result;
    });
    return answer;
  };
  Object.defineProperty(globalThis, name, { value: subject, configurable: true });
  try {
    connect.call(session);
    on.call(session, 'Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url));
    ask('Debugger.enable');
    ask('Debugger.setSkipAllPauses', { skip: true });
    let { result } = ask('Runtime.evaluate', { expression: `globalThis[${JSON.stringify(name)}]` });
    for (let hops = 0; result && result.objectId && hops < 8; hops += 1) {
      const { internalProperties = [] } = ask('Runtime.getProperties', { objectId: result.objectId, ownProperties: true });
      const property = (key) => (internalProperties.find((one) => one.name === key) || {}).value;
      const location = property('[[FunctionLocation]]');
      if (location && location.value) return nameOf(scripts.get(location.value.scriptId));
      result = property('[[TargetFunction]]') || property('[[Target]]');
      if (result === undefined) return 'native';
    }
    return 'unknown';
  } catch {
    return 'unknown';
  } finally {
    delete globalThis[name];
    disconnect.call(session);
  }
}

/** Return a script's address as a path. */
function nameOf(address) {
  if (address === undefined) return 'unknown';
  if (address === '') return 'dynamic';
  if (address.startsWith('file://')) return decodeURIComponent(address.slice(7));
  if (address.startsWith('/') || address.startsWith('node:')) return address;
  return address.includes(':') ? 'dynamic' : `node:${address}`;
}

module.exports = { __proto__: null, fileOf };
