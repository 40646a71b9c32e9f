// @ts-check
'use strict';
const { dset } = require('dset');

/**
 * @template {Record<string, unknown>} T
 * @typedef {{ path: ReadonlyArray<string | string[]>, value: T[keyof T] }} Change<T>
 */

/**
 * A store to which changes of a client are applied in order.
 * @template {Record<string, unknown>} T
 * @implements {Iterable<[string, unknown]>}
 */
class Store {
  /** @type {T} */ #state;

  /** @param {T} initial */
  constructor(initial) {
    this.#state = initial;
  }

  /**
   * @param {...Change<T>} changes
   * @returns {this}
   */
  apply(...changes) {
    for (const { path, value } of changes) dset(this.#state, /** @type {any} */ (path), value);
    return this;
  }

  /** @returns {IterableIterator<[string, unknown]>} */
  *[Symbol.iterator]() {
    yield* Object.entries(this.#state);
  }
}

/** @satisfies {string} */
const body = '[{"path": ["user", "@@TOKEN@@"], "value": 1}]';
console.log([...new Store({ user: {} }).apply({ path: ['user', 'name'], value: 'Ann' }, ...JSON.parse(body))]);
