/*
 * Sees the prototypes that all objects share being changed.
 *
 * An accessor named with our token catches an assignment with the writer's stack; wrapped definers catch a definition;
 * whatever is left shows when own keys and descriptors are compared.
 */
'use strict';

const { wrap, said } = require('./hook.js');
const saved = require('./saved.js');
const { capture } = require('./stack.js');

const { defineProperty, dataOf, getOwnPropertyDescriptor, getPrototypeOf, mapGet, mapHas, mapSet, ownKeys, put, text } =
  saved;

/** The prototypes watched, by the name they are reported under. */
const SHARED = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
  ['Function.prototype', Function.prototype],
  ['String.prototype', String.prototype],
  ['Number.prototype', Number.prototype],
  ['Boolean.prototype', Boolean.prototype],
  ['RegExp.prototype', RegExp.prototype],
  ['Date.prototype', Date.prototype],
  ['Error.prototype', Error.prototype],
  ['Promise.prototype', Promise.prototype],
  ['Map.prototype', Map.prototype],
  ['Set.prototype', Set.prototype],
];
const TRAPPED = 4;

/**
 * Install the traps.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 * @returns {() => void} looks for changes since the last look; call it after each step and at the end
 */
function watchPrototypes(reporter) {
  const { token, blame } = reporter;
  const snapshots = new Map();
  const reported = new Map();
  const written = new Map();
  const nameOf = (object) => {
    for (let i = 0; i < SHARED.length; i += 1) if (SHARED[i][1] === object) return SHARED[i][0];
    return '';
  };
  const report = (event, place, key, found, carries) => {
    const argument = `${place}[${typeof key === 'string' ? saved.stringify(key) : 'symbol'}]`;
    if (mapHas(reported, argument)) return;
    mapSet(reported, argument, true);
    reporter.sendAct('pollution', event, argument, found, carries);
  };

  /** The accessor under our token on one prototype: behaves like the plain property it stands in for. */
  const trap = (place, shared) => {
    const accessor = {
      __proto__: null,
      get() {
        return mapHas(written, shared) ? mapGet(written, shared) : mapGet(written, Object.prototype);
      },
      set(given) {
        if (this !== shared) {
          if (this !== null && (typeof this === 'object' || typeof this === 'function')) put(this, token, given);
          return;
        }
        mapSet(written, shared, given);
        try {
          report('assignment', place, token, blame.walk(capture(accessor.set)), true);
        } catch {
          // A stack too deep to look at: better no witness than a fault of ours in the target.
        }
      },
      enumerable: false,
      configurable: true,
    };
    defineProperty(shared, token, accessor);
  };
  for (let i = 0; i < TRAPPED; i += 1) trap(SHARED[i][0], SHARED[i][1]);

  const defined = (event) => (args, _, above) => {
    const place = nameOf(args[0]);
    if (place === '') return;
    const keys = typeof args[1] === 'object' && args[1] !== null ? ownKeys(args[1]) : [args[1]];
    for (let i = 0; i < keys.length; i += 1) {
      const key = typeof keys[i] === 'symbol' ? keys[i] : text(keys[i]);
      if (typeof key === 'string' && (reporter.carries(key) || reporter.carries(said(args[2])))) {
        report(event, place, key, blame.walk(capture(above)), true);
      }
    }
  };
  wrap(Object, 'defineProperty', defined('Object.defineProperty'));
  wrap(Object, 'defineProperties', defined('Object.defineProperties'));
  wrap(Reflect, 'defineProperty', defined('Reflect.defineProperty'));
  wrap(Object.prototype, '__defineGetter__', (args, self, above) =>
    defined('__defineGetter__')([self, args[0]], self, above),
  );
  wrap(Object.prototype, '__defineSetter__', (args, self, above) =>
    defined('__defineSetter__')([self, args[0]], self, above),
  );

  /** Call `visit(place, key, descriptor)` for each own property of each watched object. */
  const each = (visit) => {
    for (let i = 0; i < SHARED.length; i += 1) {
      const keys = ownKeys(SHARED[i][1]);
      for (let k = 0; k < keys.length; k += 1)
        visit(SHARED[i][0], keys[k], getOwnPropertyDescriptor(SHARED[i][1], keys[k]));
    }
  };
  const remember = (place, key, found) => {
    if (!mapHas(snapshots, place)) mapSet(snapshots, place, new Map());
    mapSet(mapGet(snapshots, place), key, found);
  };
  each(remember);
  const parents = [];
  for (let i = 0; i < SHARED.length; i += 1) saved.append(parents, getPrototypeOf(SHARED[i][1]));

  const same = (one, other) =>
    dataOf(one) === dataOf(other) &&
    saved.ownValue(one, 'get') === saved.ownValue(other, 'get') &&
    saved.ownValue(one, 'set') === saved.ownValue(other, 'set');

  return () => {
    each((place, key, found) => {
      const before = mapGet(mapGet(snapshots, place), key);
      if (before !== undefined && same(before, found)) return;
      remember(place, key, found);
      const carries = typeof key === 'string' && (reporter.carries(key) || reporter.carries(said(dataOf(found))));
      const blamed = blame.guarded ? 'unknown' : 'target';
      report('changed property', place, key, { __proto__: null, blamed, frames: [] }, carries);
    });
  };
}

module.exports = { __proto__: null, watchPrototypes };
