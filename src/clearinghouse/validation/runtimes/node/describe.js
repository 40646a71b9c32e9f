/*
 * From value to VALUE: writes what a program hands to the target as exact plain data, our token and canary as forms.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { types } = require('util');
const { objectOf } = require('./values.js');

const MAX_DEPTH = 200;
const MAX_FILE = 1024 * 1024;

/**
 * Return the describer of one recording.
 *
 * @param {object} given
 * @param {string} given.token
 * @param {{box: string, canary: {absolute: string, relative: string}}} given.places
 * @param {object} given.files setup files, filled as arguments name them
 * @param {(what: string, where: string) => void} given.lose notes what data cannot say
 * @param {(value: unknown) => unknown} given.handleOf the VALUE of something of the target, or undefined
 */
function makeDescriber({ token, places, files, lose, handleOf }) {
  const marks = [
    [places.canary.absolute, { $canary: 'absolute' }],
    [places.canary.relative, { $canary: 'relative' }],
    [token, { $nonce: true }],
  ];
  const isPlain = (value) => {
    const parent = Object.getPrototypeOf(value);
    return parent === null || parent === Object.prototype;
  };

  /** Return a text with our marks as forms; `plain` makes the VALUE of the parts between. */
  const marked = (text, plain) => {
    const parts = [];
    let rest = text;
    while (rest !== '') {
      const hits = marks.map(([mark, form]) => ({ at: rest.indexOf(mark), mark, form })).filter((hit) => hit.at >= 0);
      if (hits.length === 0) break;
      const hit = hits.reduce((best, one) => (one.at < best.at ? one : best));
      if (hit.at > 0) parts.push(plain(rest.slice(0, hit.at)));
      parts.push(hit.form);
      rest = rest.slice(hit.at + hit.mark.length);
    }
    if (parts.length === 0) return plain(text);
    if (rest !== '') parts.push(plain(rest));
    return parts.length === 1 ? parts[0] : { $cat: parts };
  };
  const ofText = (text) => marked(text, (part) => part);
  const ofBytes = (bytes) => {
    const text = bytes.toString('latin1');
    const value = marked(text, (part) => ({ $b64: Buffer.from(part, 'latin1').toString('base64') }));
    return value.$cat || value.$b64 !== undefined ? value : { $cat: [{ $b64: '' }, value] };
  };

  /** Return the VALUE of a keyed object or list. */
  const ofObject = (value, where, depth, above) => {
    if (above.includes(value) || depth > MAX_DEPTH) {
      lose('a cycle or a very deep value', where);
      return null;
    }
    const within = [...above, value];
    const inner = (key) => {
      const found = Object.getOwnPropertyDescriptor(value, key);
      if (found && !('value' in found)) lose('a getter', where);
      return describe(found ? found.value : undefined, where, depth + 1, within);
    };
    if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => inner(index));
    const keys = Reflect.ownKeys(value).filter((key) => {
      if (typeof key === 'symbol') lose('a symbol as key', where);
      return typeof key === 'string' && Object.prototype.propertyIsEnumerable.call(value, key);
    });
    const pairs = keys.map((key) => [ofText(key), inner(key)]);
    const special = keys.some((key, at) => pairs[at][0] !== key || key.startsWith('$') || key === '__proto__');
    return special ? { $map: pairs } : objectOf(pairs);
  };

  /** Return the VALUE of anything; what is not data is noted as lost. */
  const describe = (value, where, depth = 0, above = []) => {
    if (typeof value === 'string') return ofText(value);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value;
    if (value === undefined) return { $undefined: true };
    if (typeof value !== 'object' && typeof value !== 'function') {
      lose(`a ${typeof value}`, where);
      return null;
    }
    const handle = handleOf(value);
    if (handle !== undefined) return handle;
    if (typeof value === 'function') {
      lose('a function', where);
      return { $callback: true };
    }
    if (types.isProxy(value)) {
      lose('a proxy', where);
      return null;
    }
    if (types.isUint8Array(value)) return ofBytes(Buffer.from(value));
    const parent = Object.getPrototypeOf(value);
    if (parent === Date.prototype && !Number.isNaN(value.getTime())) return { $date: value.toISOString() };
    if (parent === RegExp.prototype) return { $regex: [value.source, value.flags] };
    if (!(Array.isArray(value) && parent === Array.prototype) && !isPlain(value))
      lose('an object that is not plain data', where);
    return ofObject(value, where, depth, above);
  };

  /** Note a file of the box that a text names; return the VALUE of the text. */
  const ofPath = (text) => {
    const full = path.resolve(places.box, text);
    if (!full.startsWith(places.box + path.sep) || text.length > 4096) return undefined;
    const name = path.relative(places.box, full);
    try {
      const found = fs.lstatSync(full);
      if (!found.isFile() || found.size > MAX_FILE) return undefined;
      if (files[name] === undefined) {
        const content = fs.readFileSync(full);
        const asText = content.toString('utf8');
        files[name] = Buffer.from(asText, 'utf8').equals(content) ? ofText(asText) : ofBytes(content);
      }
      return path.isAbsolute(text) ? { $path: name } : text;
    } catch {
      return undefined;
    }
  };

  return {
    __proto__: null,
    /** Return the VALUE of an argument. */
    argument(value, where) {
      const named = typeof value === 'string' && !value.includes('\0') ? ofPath(value) : undefined;
      return named === undefined ? describe(value, where) : named;
    },
    isPlain,
    /** Say whether a result is plain data through and through. */
    isData(value) {
      const seen = new Set();
      const waiting = [value];
      while (waiting.length > 0) {
        const one = waiting.pop();
        if (typeof one === 'function') return false;
        if (typeof one !== 'object' || one === null || seen.has(one) || types.isUint8Array(one)) continue;
        seen.add(one);
        if (types.isProxy(one)) return false;
        const parent = Object.getPrototypeOf(one);
        const data = [Object.prototype, null, Array.prototype, Date.prototype, RegExp.prototype].includes(parent);
        if (!data || seen.size > 10000) return false;
        for (const key of Object.keys(one)) {
          const found = Object.getOwnPropertyDescriptor(one, key);
          if (!('value' in found)) return false;
          waiting.push(found.value);
        }
      }
      return true;
    },
  };
}

module.exports = { __proto__: null, makeDescriber };
