/*
 * What stands in the way of a run, as opposed to what a proof shows.
 */
'use strict';

/** A run that cannot be done: `code` is one of the wire's fault codes. */
class Fault extends Error {
  /**
   * @param {'import-failed'|'no-such-call'|'leaves-target'|'bad-document'|'unsupported'} code
   * @param {string} detail
   */
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
}

/**
 * Return the text of whatever was thrown, in one line, without trusting it.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
function textOf(thrown) {
  try {
    const said = thrown !== null && typeof thrown === 'object' ? thrown.message : thrown;
    return String(said === undefined ? thrown : said).split('\n', 1)[0];
  } catch {
    return '(its text cannot be read)';
  }
}

/**
 * Return the type name of whatever was thrown: its constructor's, or the `name` it gives itself when that is an Error.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
function typeOf(thrown) {
  if (thrown === null || (typeof thrown !== 'object' && typeof thrown !== 'function')) return typeof thrown;
  try {
    const made = thrown.constructor && thrown.constructor.name;
    const named = thrown.name;
    const vague = typeof made !== 'string' || made === '' || made === 'Error' || made === 'Object';
    return vague && typeof named === 'string' && named !== '' ? named : String(made);
  } catch {
    return 'unknown';
  }
}

module.exports = { __proto__: null, Fault, textOf, typeOf };
