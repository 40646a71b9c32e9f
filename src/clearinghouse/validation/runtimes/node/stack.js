/*
 * Takes the call stack at this moment, whatever foreign code did to `Error`, its limit or its way of printing.
 */
'use strict';

const {
  append,
  apply,
  defineProperty,
  getOwnPropertyDescriptor,
  isArray,
  own,
  setPrototypeOf,
  uncurry,
} = require('./saved.js');

const TrueError = Error;
const { captureStackTrace } = Error;
const LIMIT = 200;
const root = globalThis;

/** The accessors of a call site, taken from a real one. */
const site = (() => {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const holder = {};
  captureStackTrace(holder);
  const methods = Object.getPrototypeOf(holder.stack[0]);
  Error.prepareStackTrace = before;
  const reader = (name) => (typeof methods[name] === 'function' ? uncurry(methods[name]) : () => undefined);
  return {
    __proto__: null,
    column: reader('getColumnNumber'),
    evalOrigin: reader('getEvalOrigin'),
    file: reader('getFileName'),
    hash: reader('getScriptHash'),
    isEval: reader('isEval'),
    line: reader('getLineNumber'),
    name: reader('getFunctionName'),
    hasHash: typeof methods.getScriptHash === 'function',
  };
})();

/**
 * Run `task` while `Error` is the real one and its properties are ours, then put everything back.
 *
 * @param {Function} prepare what the engine calls with the call sites
 * @param {() => void} task
 */
function withOwnError(prepare, task) {
  const changed = [];
  const set = (object, key, value) => {
    const before = getOwnPropertyDescriptor(object, key);
    if (before !== undefined) setPrototypeOf(before, null);
    if (defineProperty(object, key, own(value, false))) append(changed, [object, key, before]);
  };
  const current = getOwnPropertyDescriptor(root, 'Error');
  if (current === undefined || current.value !== TrueError) set(root, 'Error', TrueError);
  set(TrueError, 'stackTraceLimit', LIMIT);
  set(TrueError, 'prepareStackTrace', prepare);
  try {
    task();
  } finally {
    for (let i = changed.length - 1; i >= 0; i -= 1) {
      const [object, key, before] = [changed[i][0], changed[i][1], changed[i][2]];
      if (before === undefined) delete object[key];
      else defineProperty(object, key, before);
    }
  }
}

/**
 * Return the call sites from here outwards, innermost first; empty when the stack could not be taken.
 *
 * @param {Function} above the innermost function of ours that must not be seen
 * @returns {NodeJS.CallSite[]}
 */
function capture(above) {
  let taken = [];
  withOwnError(
    (_, sites) => {
      taken = sites;
      return '';
    },
    () => {
      const holder = { __proto__: null };
      apply(captureStackTrace, TrueError, [holder, above]);
      return holder.stack;
    },
  );
  return isArray(taken) ? taken : [];
}

/**
 * Return the call sites at which an error was made, or its printed stack when it was printed before, or nothing.
 *
 * @param {unknown} error
 * @returns {{sites: NodeJS.CallSite[]} | {printed: string}}
 */
function sitesOf(error) {
  let taken;
  let printed = '';
  withOwnError(
    (_, sites) => {
      taken = taken || sites;
      return '';
    },
    () => {
      try {
        printed = error.stack;
      } catch {
        printed = '';
      }
    },
  );
  if (taken !== undefined && taken.length > 0) return { sites: taken };
  return { printed: typeof printed === 'string' ? printed : '' };
}

module.exports = { __proto__: null, capture, site, sitesOf };
