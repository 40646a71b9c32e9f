/*
 * From a path of a `calls` document to what it names inside the target, and nowhere else.
 *
 * `pkg#a.b`, `pkg/sub#a`, `pkg`: the module is found from the folder of the packages, CommonJS first, then ES modules.
 */
'use strict';

const Module = require('module');
const { types } = require('util');
const { EventEmitter } = require('events');
const { Fault, textOf } = require('./faults.js');
const { fileOf } = require('./location.js');

const FORBIDDEN = new Set([
  'prototype',
  'constructor',
  'call',
  'apply',
  'bind',
  '__proto__',
  'caller',
  'callee',
  'arguments',
]);
const ONLY_ES = new Set(['ERR_REQUIRE_ESM', 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'ERR_REQUIRE_ASYNC_MODULE']);
const MISSING = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);

/**
 * Refuse a name that does not lead to a public part.
 *
 * @param {string} name
 */
function checkName(name) {
  if (typeof name !== 'string' || name === '') throw new Fault('bad-document', 'an empty name');
  if (name.startsWith('_') || FORBIDDEN.has(name)) throw new Fault('leaves-target', `${name} is not a public name`);
}

/** Return the functions and modules that the platform hands to everyone, by identity. */
function platformParts() {
  const parts = new Set();
  const add = (value, depth) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || parts.has(value)) return;
    parts.add(value);
    if (depth === 0) return;
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      for (const one of [found.value, found.get, found.set]) add(one, depth - 1);
    }
  };
  add(globalThis, 3);
  for (const name of Module.builtinModules) {
    if (/^_|^(sys|punycode|trace_events|wasi|repl|sqlite|test)/.test(name)) continue;
    add(process.getBuiltinModule ? process.getBuiltinModule(name) : require(name), 3);
  }
  return parts;
}

/**
 * Return the finder of targets for one run.
 *
 * @param {object} given
 * @param {string[]} given.names package names that are the target's
 * @param {string} given.root folder of the target
 * @param {string} given.deps folder of all packages
 * @param {object} [given.stand] the stand-in of a null target
 */
function makeResolver({ names, root, deps, stand }) {
  const entry = `${deps.replace(/\/node_modules$/, '')}/entry.js`;
  const requireFrom = Module.createRequire(entry);
  const importer = new Module(entry);
  importer.filename = entry;
  importer.paths = [deps];
  importer._compile('module.exports = (name) => import(name);', entry);
  const importFrom = importer.exports;
  const loaded = new Map();
  const known = new Map();
  let platform;

  const inTarget = (file) => file.startsWith(`${root}/`) && !file.startsWith(`${root}/node_modules/`);
  const isPlatform = (value) => {
    platform = platform || platformParts();
    return platform.has(value);
  };

  /** Refuse a function that is not the target's own. */
  const checkOwner = (value, path) => {
    if (stand || known.has(value)) return;
    const file = fileOf(value);
    if (file.startsWith('/') ? !inTarget(file) : isPlatform(value)) {
      const whose = file.startsWith('/') ? file.slice(deps.length + 1) : file;
      throw new Fault('leaves-target', `${path} belongs to ${whose || 'the platform'}, not to the target`);
    }
    known.set(value, file);
  };

  /** Return the parts of a path. */
  const split = (path) => {
    if (typeof path !== 'string') throw new Fault('bad-document', 'a path must be text');
    const at = path.indexOf('#');
    const specifier = at < 0 ? path : path.slice(0, at);
    const properties = at < 0 ? [] : path.slice(at + 1).split('.');
    const inside = names.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (!inside || specifier.split('/').includes('..')) {
      throw new Fault('leaves-target', `${specifier} is not a module of ${names[0]}`);
    }
    properties.forEach(checkName);
    return { specifier, properties };
  };

  const importOrFault = async (specifier) => {
    try {
      return await importFrom(specifier);
    } catch (failure) {
      if (MISSING.has(failure && failure.code) && specifier.includes('/') && !names.includes(specifier)) {
        throw new Fault('no-such-call', `the target has no module ${specifier}`);
      }
      throw new Fault('import-failed', `${specifier}: ${textOf(failure)}`);
    }
  };

  return {
    __proto__: null,
    checkOwner,
    inTarget,
    isNull: Boolean(stand),
    isPlatform,
    /** Load the module of a path, so that `find` can be asked for it. */
    async load(path) {
      const { specifier } = split(path);
      if (loaded.has(specifier)) return;
      if (stand) {
        loaded.set(specifier, stand);
        return;
      }
      let exported;
      try {
        const file = requireFrom.resolve(specifier);
        if (!inTarget(file)) throw new Fault('leaves-target', `${specifier} lies outside the target`);
        exported = requireFrom(specifier);
      } catch (failure) {
        if (failure instanceof Fault) throw failure;
        const code = failure && failure.code;
        const es =
          ONLY_ES.has(code) || MISSING.has(code) || /Cannot use import|Unexpected token '?export/.test(textOf(failure));
        if (!es) throw new Fault('import-failed', `${specifier}: ${textOf(failure)}`);
        exported = await importOrFault(specifier);
      }
      loaded.set(specifier, exported);
    },
    /** Return the exports of a loaded module. */
    loaded: (specifier) => loaded.get(specifier),
    /**
     * Return `{owner, value}` of a path whose module was loaded.
     *
     * @param {string} path
     * @returns {{owner: unknown, value: unknown}}
     */
    find(path) {
      const { specifier, properties } = split(path);
      let value = loaded.get(specifier);
      let owner;
      if (types.isModuleNamespaceObject(value)) {
        const first = properties[0];
        if (first === undefined || !(first in value)) value = 'default' in value ? value.default : value;
      }
      for (const name of properties) {
        owner = value;
        if (value === null || value === undefined) throw new Fault('no-such-call', `the target has no ${path}`);
        value = value[name];
      }
      if (value === undefined) throw new Fault('no-such-call', `the target has no ${path}`);
      if (typeof value === 'function') checkOwner(value, path);
      else if (!stand && typeof value === 'object' && value !== null && isPlatform(value)) {
        throw new Fault('leaves-target', `${path} is the platform's`);
      }
      return { owner, value };
    },
    /** Refuse a method that is neither the target's nor one of plain data, iterators, promises and streams. */
    checkMethod(object, name, method) {
      checkName(name);
      if (stand) return;
      const file = fileOf(method);
      if (inTarget(file) || file === 'dynamic') return;
      const isObject = typeof object === 'object' && object !== null;
      if (!isObject && typeof object !== 'function') return;
      const maker = isObject && object.constructor;
      if (typeof maker === 'function' && inTarget(fileOf(maker))) return;
      if (isObject && isPlatformMethod(object, name, file)) return;
      throw new Fault(
        'leaves-target',
        `method ${name} belongs to ${file.startsWith('/') ? file.slice(deps.length + 1) : file}`,
      );
    },
  };
}

const PLAIN = [
  Array.isArray,
  types.isAnyArrayBuffer,
  types.isArrayBufferView,
  types.isDate,
  types.isGeneratorObject,
  types.isMap,
  types.isMapIterator,
  types.isPromise,
  types.isRegExp,
  types.isSet,
  types.isSetIterator,
];
const Iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf((async function* one() {})())));
const { isPrototypeOf } = Object.prototype;
const FLOWING = new Set([
  'destroy',
  'emit',
  'end',
  'on',
  'once',
  'pause',
  'push',
  'read',
  'resume',
  'setEncoding',
  'unpipe',
  'unshift',
  'write',
]);

/** Say whether a method is one that data, iterators, promises or streams bring with them. */
function isPlatformMethod(object, name, file) {
  if (Object.prototype.hasOwnProperty.call(object, name)) return false;
  if (object instanceof EventEmitter) return FLOWING.has(name);
  if (file !== 'native' && !(Buffer.isBuffer(object) && file.startsWith('node:'))) return false;
  const parent = Object.getPrototypeOf(object);
  return (
    parent === Object.prototype ||
    PLAIN.some((test) => test(object)) ||
    isPrototypeOf.call(Iterator, object) ||
    isPrototypeOf.call(AsyncIterator, object)
  );
}

module.exports = { __proto__: null, checkName, makeResolver };
