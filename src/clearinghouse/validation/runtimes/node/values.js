/*
 * From VALUE to value: turns the data of a `calls` document into what the target is given, and results back into data.
 *
 * Objects are built with defineProperty, so that a key `__proto__` stays a key.
 */
'use strict';

const { Readable } = require('stream');
const { types } = require('util');
const { tar, zip } = require('./archives.js');
const { Fault } = require('./faults.js');
const { own } = require('./saved.js');

const MAX_TEXT = 64 * 1024 * 1024;
const MAX_DATA = 64 * 1024;
const MAX_DEPTH = 200;

const bad = (detail) => new Fault('bad-document', detail);

/** Return the bytes of a built value. */
function toBytes(value) {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (types.isUint8Array(value)) return Buffer.from(value);
  throw bad('content must be text or bytes');
}

/** Return values laid end to end: text, bytes as soon as one part is bytes, or lists. */
function joined(parts) {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  if (parts.every(Array.isArray)) return [].concat(...parts);
  if (parts.some(types.isUint8Array)) return Buffer.concat(parts.map(toBytes));
  if (parts.every((part) => typeof part === 'string' || typeof part === 'number')) return parts.join('');
  throw bad('only texts, bytes or lists can be laid end to end');
}

/** Return a value laid end to end `times` times. */
function repeated(value, times) {
  if (!Number.isInteger(times) || times < 0) throw bad('$repeat wants a whole number of times');
  if (value === null || value === undefined || !(value.length * times <= MAX_TEXT)) {
    throw bad('$repeat wants text, bytes or a list, and at most 64 MiB of it');
  }
  if (typeof value === 'string') return value.repeat(times);
  if (types.isUint8Array(value)) return Buffer.concat(Array(times).fill(Buffer.from(value)));
  return [].concat(...Array(times).fill(value));
}

/** Return an object with exactly these own keys. */
function objectOf(pairs) {
  const object = {};
  for (const [key, value] of pairs) Object.defineProperty(object, key, own(value));
  return object;
}

/** Return a readable stream that gives `content` and ends. */
function streamOf(content) {
  const stream = new Readable({ read() {} });
  stream.push(content);
  stream.push(null);
  return stream;
}

/**
 * Return a builder of values for one replay.
 *
 * @param {object} given
 * @param {string} given.token
 * @param {{absolute: string, relative: string, name: string}} given.canary
 * @param {number} [given.n] the size, in growth runs
 * @param {(index: number) => unknown} given.result the result of an earlier step
 * @param {(name: string) => string} given.pathOf the absolute path of a setup file
 * @param {(path: string) => unknown} given.target what a path of the target names
 * @returns {(value: unknown) => unknown}
 */
function valueBuilder(given) {
  const list = (value, name) => {
    if (!Array.isArray(value)) throw bad(`${name} wants a list`);
    return value;
  };
  const entries = (value, build) => {
    const pairs = Array.isArray(value) ? value : Object.keys(value).map((key) => [key, value[key]]);
    return pairs.map((pair) => {
      const [name, content] = list(pair, 'an entry');
      const link = ['symlink', 'hardlink'].find(
        (kind) => content !== null && typeof content === 'object' && `$${kind}` in content,
      );
      return { name: String(build(name)), content: toBytes(build(link ? content[`$${link}`] : content)), link };
    });
  };
  const forms = {
    __proto__: null,
    $b64: (value) => Buffer.from(String(value), 'base64'),
    $bytes: (value) => Buffer.from(String(value), 'latin1'),
    $bytesio: (value, build) => streamOf(toBytes(build(value))),
    $callback: () => () => {},
    $canary: (value) => {
      const path = given.canary[value === true ? 'absolute' : value];
      if (path === undefined) throw bad('$canary is absolute, relative or name');
      return path;
    },
    $cat: (value, build) => joined(list(value, '$cat').map(build)),
    $date: (value) => new Date(value),
    $json: (value, build) => JSON.stringify(build(value)),
    $map: (value, build) => objectOf(list(value, '$map').map((pair) => [String(build(pair[0])), build(pair[1])])),
    $nonce: () => given.token,
    $path: (value) => given.pathOf(value),
    $ref: (value) => given.result(value),
    $regex: (value) => new RegExp(...list(value, '$regex').map(String)),
    $repeat: (value, build) => {
      const [what, times] = list(value, '$repeat');
      if (times === '$n' && given.n === undefined) throw bad('"$n" has a meaning only where sizes are given');
      return repeated(build(what), times === '$n' ? given.n : times);
    },
    $stringio: (value, build) => streamOf(String(build(value))),
    $tar: (value, build) => tar(entries(value, build)),
    $target: (value) => given.target(value),
    $undefined: () => undefined,
    $zip: (value, build) => zip(entries(value, build)),
  };
  const build = (value) => {
    if (value === '$n' && given.n !== undefined) return given.n;
    if (Array.isArray(value)) return value.map((item) => build(item));
    if (value === null || typeof value !== 'object') return value;
    const keys = Object.keys(value);
    const special = keys.find((key) => key.startsWith('$'));
    if (special === undefined) return objectOf(keys.map((key) => [key, build(value[key])]));
    if (keys.length !== 1 || forms[special] === undefined) {
      throw bad(`${JSON.stringify(keys.slice(0, 3))} is no known form of value; write literal $-keys as $map`);
    }
    return forms[special](value[special], build);
  };
  return build;
}

/**
 * Return a result as a VALUE that builds it again, or undefined when it is not plain data or too much of it.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function asData(value) {
  let room = MAX_DATA;
  const refuse = Symbol('not data');
  const spend = (amount) => {
    room -= amount;
    if (room < 0) throw refuse;
  };
  const describe = (one, depth) => {
    if (depth > MAX_DEPTH) throw refuse;
    if (typeof one === 'string') spend(one.length + 2);
    else spend(8);
    if (one === null || typeof one === 'string' || typeof one === 'boolean') return one;
    if (typeof one === 'number' && Number.isFinite(one)) return one;
    if (typeof one !== 'object' || types.isProxy(one)) throw refuse;
    if (types.isUint8Array(one)) {
      spend(one.length * 2);
      return { $b64: Buffer.from(one).toString('base64') };
    }
    const parent = Object.getPrototypeOf(one);
    if (Array.isArray(one) && parent === Array.prototype) {
      return Array.from({ length: one.length }, (_, index) => describe(dataProperty(one, index), depth + 1));
    }
    if (parent !== null && parent !== Object.prototype) throw refuse;
    const keys = Reflect.ownKeys(one);
    const pairs = keys.map((key) => {
      spend(String(key).length + 4);
      return [key, describe(dataProperty(one, key), depth + 1)];
    });
    return keys.some((key) => key.startsWith('$') || key === '__proto__') ? { $map: pairs } : objectOf(pairs);
  };
  const dataProperty = (object, key) => {
    const found = Object.getOwnPropertyDescriptor(object, key);
    if (typeof key === 'symbol' || !found || !('value' in found) || !found.enumerable) throw refuse;
    return found.value;
  };
  try {
    return describe(value, 0);
  } catch {
    return undefined;
  }
}

module.exports = { __proto__: null, asData, objectOf, streamOf, toBytes, valueBuilder };
