/*
 * The built-ins that the runner uses once foreign code runs beside it, taken before that code could replace them.
 *
 * Whatever watches or reports reads from here and never through a prototype, so that a patched `Array.prototype`,
 * a polluted `Object.prototype` or a new `JSON` changes nothing that we see or say.
 */
'use strict';

const fs = require('fs');
const { builtinModules } = require('module');
const path = require('path');
const url = require('url');
const { types } = require('util');

/**
 * Turn a method into a function that takes its receiver first.
 *
 * @param {Function} method
 * @returns {Function}
 */
const uncurry = (method) => Function.prototype.call.bind(method);

const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, setPrototypeOf } = Reflect;
const charCodeAt = uncurry(String.prototype.charCodeAt);
const stringify = JSON.stringify;

/**
 * Return a description of a plain own property, with no prototype that could be polluted.
 *
 * @param {unknown} value
 * @param {boolean} [enumerable]
 * @returns {PropertyDescriptor}
 */
function own(value, enumerable = true) {
  return { __proto__: null, value, writable: true, enumerable, configurable: true };
}

/**
 * Give `object` its own property `key`, past any setter that a prototype may hold.
 *
 * @param {object} object
 * @param {PropertyKey} key
 * @param {unknown} value
 */
function put(object, key, value) {
  defineProperty(object, key, own(value));
}

/**
 * Append to an array past any setter that `Array.prototype` may hold.
 *
 * @param {unknown[]} list
 * @param {unknown} item
 */
function append(list, item) {
  defineProperty(list, list.length, own(item));
}

/**
 * Return the value of an own data property; undefined for accessors and for what is inherited.
 *
 * @param {unknown} object
 * @param {PropertyKey} key
 */
function ownValue(object, key) {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function') || types.isProxy(object)) {
    return undefined;
  }
  const found = getOwnPropertyDescriptor(object, key);
  return found === undefined ? undefined : dataOf(found);
}

/**
 * Return what a descriptor holds, without asking its prototype.
 *
 * @param {PropertyDescriptor} descriptor
 */
function dataOf(descriptor) {
  setPrototypeOf(descriptor, null);
  return descriptor.value;
}

/** The sources of the platform's own modules, by name; an empty text where one cannot be had. */
const natives = { __proto__: null };
for (const name of builtinModules) natives[name] = '';
try {
  Object.assign(natives, process.binding('natives'));
} catch {
  // A Node without them: the names alone must do.
}

module.exports = {
  __proto__: null,
  append,
  apply,
  byteLength: uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), 'byteLength').get),
  charCodeAt,
  construct,
  dataOf,
  defineProperty,
  fileURLToPath: url.fileURLToPath,
  functionText: uncurry(Function.prototype.toString),
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hrefOf: uncurry(getOwnPropertyDescriptor(URL.prototype, 'href').get),
  includes: uncurry(String.prototype.includes),
  indexOf: uncurry(String.prototype.indexOf),
  isArray: Array.isArray,
  isProxy: types.isProxy,
  isUint8Array: types.isUint8Array,
  lastIndexOf: uncurry(String.prototype.lastIndexOf),
  mapGet: uncurry(Map.prototype.get),
  mapHas: uncurry(Map.prototype.has),
  mapSet: uncurry(Map.prototype.set),
  match: uncurry(RegExp.prototype.exec),
  natives,
  own,
  ownKeys,
  ownValue,
  put,
  readFileSync: fs.readFileSync,
  realpathSync: fs.realpathSync.native,
  resolvePath: path.resolve,
  setAdd: uncurry(Set.prototype.add),
  setHas: uncurry(Set.prototype.has),
  setPrototypeOf,
  slice: uncurry(String.prototype.slice),
  startsWith: uncurry(String.prototype.startsWith),
  stringify,
  text: String,
  toLowerCase: uncurry(String.prototype.toLowerCase),
  uncurry,
  weakGet: uncurry(WeakMap.prototype.get),
  weakHas: uncurry(WeakMap.prototype.has),
  weakSet: uncurry(WeakMap.prototype.set),
  writeSync: fs.writeSync,
};
