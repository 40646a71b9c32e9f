const assert = require('assert');
const { util } = require('node-forge');

util.setPath({}, ['__proto__', 'a'], 1);
util.setPath({ b: {} }, ['b', 'constructor', 'prototype', 'a'], 1);
assert.strictEqual({}.a, undefined);
const object = {};
util.setPath(object, ['b', 'c'], 2);
assert.deepStrictEqual(object, { b: { c: 2 } });
