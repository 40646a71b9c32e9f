/*
 * The closed list of expectations that a step may state of its result, and how each is checked.
 */
'use strict';

const { types, isDeepStrictEqual } = require('util');

const MAX_FOUND = 200;
const MAX_PARTS = 100000;

/** Return a short text of a value, for a person. */
function shown(value) {
  let text;
  try {
    if (types.isUint8Array(value)) text = Buffer.from(value).toString('latin1');
    else text = typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    // Cyclic or hostile: its type must do.
  }
  return String(text === undefined ? typeof value : text).slice(0, MAX_FOUND);
}

/** Say whether `part` is `value`, lies in its text, or lies in anything it owns. */
function contains(value, part) {
  const seen = new Set();
  const waiting = [value];
  while (waiting.length > 0 && seen.size < MAX_PARTS) {
    const one = waiting.pop();
    if (isDeepStrictEqual(one, part)) return true;
    if (typeof one === 'string') {
      if (typeof part === 'string' && one.includes(part)) return true;
    } else if (types.isUint8Array(one)) {
      const wanted = typeof part === 'string' || types.isUint8Array(part) ? part : undefined;
      if (wanted !== undefined && Buffer.from(one).includes(wanted)) return true;
    } else if (one !== null && typeof one === 'object' && !seen.has(one)) {
      seen.add(one);
      if (types.isMap(one) || types.isSet(one)) waiting.push(...[...one].flat());
      for (const key of Object.keys(one)) waiting.push(key, one[key]);
    }
  }
  return false;
}

/** Return a value as bare data, so that null-prototype and plain objects with the same keys are equal. */
function bare(value) {
  try {
    return types.isUint8Array(value) ? Buffer.from(value).toString('latin1') : JSON.parse(JSON.stringify(value));
  } catch {
    return value;
  }
}

/** Say whether `value` gets something under `key` from a prototype and not from itself. */
function inherits(value, key) {
  if (value === null || value === undefined) return false;
  const object = Object(value);
  return object[key] !== undefined && !Object.prototype.hasOwnProperty.call(object, key);
}

/**
 * Return the broken expectations of a step.
 *
 * @param {object} step
 * @param {{failed: boolean, value?: unknown}} outcome
 * @param {(value: unknown) => unknown} build makes a value of the document
 * @returns {Array<{expectation: string, found: string}>}
 */
function broken(step, outcome, build) {
  const all = [];
  const wanted = step.must_raise;
  if (wanted === true || typeof wanted === 'string') {
    if (!outcome.failed) all.push({ expectation: 'must_raise', found: `returned ${shown(outcome.value)}` });
  }
  if (outcome.failed) return all;
  if ('must_not_contain' in step && contains(outcome.value, build(step.must_not_contain))) {
    all.push({ expectation: 'must_not_contain', found: shown(outcome.value) });
  }
  if ('must_equal' in step && !isDeepStrictEqual(bare(outcome.value), bare(build(step.must_equal)))) {
    all.push({ expectation: 'must_equal', found: shown(outcome.value) });
  }
  if ('must_not_inherit' in step) {
    const key = build(step.must_not_inherit);
    if (inherits(outcome.value, key)) all.push({ expectation: 'must_not_inherit', found: `${key} is inherited` });
  }
  return all;
}

module.exports = { __proto__: null, broken, contains, shown };
