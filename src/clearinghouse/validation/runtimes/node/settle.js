/*
 * Waiting: for a promise of the target, and for whatever the target still does after its last step.
 *
 * A promise that nothing can settle any more is noticed when the event loop runs empty (`beforeExit`), not by a clock.
 */
'use strict';

const { types } = require('util');

const { setTimeout, clearTimeout, setImmediate } = globalThis;
const then = Function.prototype.call.bind(Promise.prototype.then);

/** What a wait for a promise that never settles ends with. */
class NeverSettled extends Error {}

/**
 * Return the means to wait in one run.
 *
 * @param {() => number} remaining milliseconds left
 */
function makeWaiting(remaining) {
  let onEmpty = null;
  process.on('beforeExit', () => {
    if (onEmpty === null) return;
    setImmediate(() => {});
    const wake = onEmpty;
    onEmpty = null;
    wake();
  });

  /** Wait until `start` calls back, the loop is empty, or time is up. */
  const until = (start, limit) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve('late'), Math.max(1, limit));
      if (typeof timer.unref === 'function') timer.unref();
      const done = (how) => {
        clearTimeout(timer);
        onEmpty = null;
        resolve(how);
      };
      onEmpty = () => done('empty');
      start(() => done('done'));
    });

  return {
    __proto__: null,
    /**
     * Return what a promise of this realm comes to; anything else is returned as it is, thenables included.
     *
     * @param {unknown} value
     */
    async result(value) {
      if (!types.isPromise(value)) return { value };
      let outcome;
      await until((done) => {
        then(
          value,
          (given) => done((outcome = { value: given })),
          (failure) => done((outcome = { failure, failed: true })),
        );
      }, remaining());
      return outcome || { failure: new NeverSettled('the promise never settled'), failed: true };
    },
    /** Wait until nothing is left to happen, at most `limit` milliseconds. */
    quiet: (limit) => until(() => {}, Math.min(limit, remaining())),
    /** Wait for an event emitter's stream to end, fail or close. */
    ended: (stream) =>
      until((done) => {
        for (const event of ['end', 'error', 'close']) stream.once(event, done);
      }, remaining()),
  };
}

module.exports = { __proto__: null, NeverSettled, makeWaiting };
