'use strict';
const assert = require('assert');
const JSON5 = require('json5');

const bare = JSON5.parse('{"__proto__": {"isAdmin": true}}');
assert.strictEqual(bare.isAdmin, undefined);
assert.deepStrictEqual(Object.keys(bare), ['__proto__']);

const deep = JSON5.parse('{a: [{__proto__: {isAdmin: true}}]}');
assert.strictEqual(deep.a[0].isAdmin, undefined);

assert.deepStrictEqual(JSON5.parse("{a: 1, 'b': [2, 3]}"), { a: 1, b: [2, 3] });
console.log('ok');
