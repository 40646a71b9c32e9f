/*
 * Says what modules of the target export: `node exports.js MARK MODULE…`; one line of JSON behind MARK.
 *
 * What is told of each name is its type and, of a function, how many parameters it states.
 */
'use strict';

const fs = require('fs');

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;
const { reallyExit } = process;
const MOST = 4000;
const PLAIN = new Set(['length', 'name', 'prototype', 'arguments', 'caller', 'constructor']);

/** Note every public name below `value`, two levels deep; accessors are named, never called. */
function note(value, prefix, depth, found) {
  const kind = typeof value;
  if ((kind !== 'object' && kind !== 'function') || value === null || depth > 2) return;
  for (const key of ownKeys(value)) {
    if (typeof key !== 'string' || key.startsWith('_') || (kind === 'function' && PLAIN.has(key))) continue;
    if (Object.keys(found).length >= MOST) return;
    const held = getOwnPropertyDescriptor(value, key);
    const name = prefix + key;
    if (!('value' in held)) found[name] = 'accessor';
    else found[name] = typeof held.value === 'function' ? `function/${held.value.length}` : typeof held.value;
    if ('value' in held && held.value !== value) note(held.value, `${name}.`, depth + 1, found);
  }
  const shape = kind === 'function' && getOwnPropertyDescriptor(value, 'prototype');
  if (shape && shape.value && getPrototypeOf(value) !== null) {
    for (const key of ownKeys(shape.value)) {
      if (typeof key !== 'string' || key.startsWith('_') || key === 'constructor') continue;
      const held = getOwnPropertyDescriptor(shape.value, key);
      const method = typeof held.value === 'function' ? `function/${held.value.length}` : 'accessor';
      found[`${prefix}prototype.${key}`] = method;
    }
  }
}

async function main([mark, ...modules]) {
  const said = {};
  for (const name of modules) {
    const found = {};
    try {
      let value;
      try {
        value = require(name);
      } catch (failure) {
        if (failure.code !== 'ERR_REQUIRE_ESM') throw failure;
        value = await import(require.resolve(name));
      }
      found[''] = typeof value === 'function' ? `function/${value.length}` : typeof value;
      note(value, '', 0, found);
      said[name] = found;
    } catch (failure) {
      said[name] = { '': 'cannot be loaded' };
    }
  }
  let rest = Buffer.from(`\n${mark}${JSON.stringify(said)}\n`);
  while (rest.length > 0) rest = rest.subarray(fs.writeSync(1, rest));
  reallyExit.call(process, 0);
}

main(process.argv.slice(2));
