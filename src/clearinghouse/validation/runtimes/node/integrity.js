/*
 * Says at an act whether the platform's functions are still those of the start, and whether the target's exports are
 * still its own.
 *
 * A function of the finder's in the place of the platform's is tampering; any other difference may be a setting that
 * the target documents, so a person is asked. What a package patches for itself (a polyfill) is nobody's business.
 */
'use strict';

const { EventEmitter } = require('events');
const Module = require('module');
const { builtinModules } = require('module');
const { filesOf } = require('./location.js');
const saved = require('./saved.js');

const { append, getOwnPropertyDescriptor, mapGet, mapHas, mapSet, ownKeys, ownValue, startsWith } = saved;
const MAX_EXPORTS = 400;
const SHARED = [
  Array, Array.prototype, Buffer, Buffer.prototype, Date.prototype, EventEmitter.prototype, Function.prototype, JSON,
  Map.prototype, Math, Number, Number.prototype, Object, Object.prototype, Promise, Promise.prototype, Reflect,
  RegExp.prototype, Set.prototype, String, String.prototype, globalThis,
];
const NAMES = [
  'Array', 'Array.prototype', 'Buffer', 'Buffer.prototype', 'Date.prototype', 'EventEmitter.prototype',
  'Function.prototype', 'JSON', 'Map.prototype', 'Math', 'Number', 'Number.prototype', 'Object', 'Object.prototype',
  'Promise', 'Promise.prototype', 'Reflect', 'RegExp.prototype', 'Set.prototype', 'String', 'String.prototype',
  'globalThis',
];
const UNTOUCHED = /^_|^(?:domain|sys|punycode|trace_events|wasi|repl|sqlite|test|inspector|process)|^node:/;

/** Return the functions that an object owns, by key. */
function functionsOf(object) {
  const found = new Map();
  const keys = ownKeys(object);
  for (let i = 0; i < keys.length; i += 1) {
    const value = ownValue(object, keys[i]);
    if (typeof value === 'function') mapSet(found, keys[i], value);
  }
  return found;
}

/**
 * Return what looks at the platform and the target's exports.
 *
 * @param {object} given
 * @param {string} given.folder where the finder's files lie
 * @param {string} given.root of the target
 * @param {(record: object) => void} given.send
 */
function watchIntegrity({ folder, root, send }) {
  const watched = [];
  const watch = (name, object) => append(watched, { __proto__: null, name, object, functions: functionsOf(object) });
  for (let i = 0; i < SHARED.length; i += 1) watch(NAMES[i], SHARED[i]);
  for (const name of builtinModules) {
    if (UNTOUCHED.test(name)) continue;
    const object = process.getBuiltinModule ? process.getBuiltinModule(name) : require(name);
    if (object !== null && (typeof object === 'object' || typeof object === 'function')) watch(name, object);
  }
  watch('module.prototype', Module.prototype);
  const cache = Module._cache;
  const told = new Map();
  const isFinders = (file) => startsWith(file, `${folder}/`);

  const tell = (key, record) => {
    if (mapHas(told, key)) return;
    mapSet(told, key, true);
    send(record);
  };

  /** Return [name, function] of each of the platform's functions that is another than at the start. */
  const replaced = () => {
    const found = [];
    for (let i = 0; i < watched.length; i += 1) {
      const { name, object, functions } = watched[i];
      const keys = ownKeys(object);
      for (let k = 0; k < keys.length; k += 1) {
        const before = mapGet(functions, keys[k]);
        if (before === undefined) continue;
        const descriptor = getOwnPropertyDescriptor(object, keys[k]);
        const now = descriptor && saved.dataOf(descriptor);
        if (now !== before && typeof now === 'function') append(found, [`${name}.${saved.text(keys[k])}`, now]);
      }
    }
    return found;
  };

  /** Return [name, function] of what the target's modules export, and of the methods of its classes. */
  const exported = () => {
    const found = [];
    const files = ownKeys(cache);
    for (let i = 0; i < files.length; i += 1) {
      if (!startsWith(files[i], `${root}/`) || startsWith(files[i], `${root}/node_modules/`)) continue;
      const value = ownValue(ownValue(cache, files[i]), 'exports');
      const objects = [value, ownValue(value, 'prototype')];
      for (let o = 0; o < objects.length; o += 1) {
        const object = objects[o];
        if (object === null || (typeof object !== 'object' && typeof object !== 'function') || saved.isProxy(object))
          continue;
        const keys = ownKeys(object);
        for (let k = 0; k < keys.length && found.length < MAX_EXPORTS; k += 1) {
          const inner = ownValue(object, keys[k]);
          if (typeof inner === 'function' && keys[k] !== 'constructor')
            append(found, [`${saved.slice(files[i], root.length + 1)}#${saved.text(keys[k])}`, inner]);
        }
      }
    }
    return found;
  };

  return () => {
    const pairs = replaced();
    const platform = pairs.length;
    const mine = exported();
    for (let i = 0; i < mine.length; i += 1) append(pairs, mine[i]);
    const subjects = [];
    for (let i = 0; i < pairs.length; i += 1) append(subjects, pairs[i][1]);
    const files = filesOf(subjects);
    for (let i = 0; i < pairs.length; i += 1) {
      const name = pairs[i][0];
      const file = files[i] || 'unknown';
      if (i < platform && isFinders(file)) {
        tell('tamper', { __proto__: null, t: 'tamper', event: `replaced ${name}`, blamed: 'finder' });
      } else if (isFinders(file) || (i < platform && !startsWith(file, '/'))) {
        tell('changed', { __proto__: null, t: 'changed', what: name });
      }
    }
  };
}

module.exports = { __proto__: null, watchIntegrity };
