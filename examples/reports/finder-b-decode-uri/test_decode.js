'use strict';
const assert = require('assert');
const decode = require('decode-uri-component');

assert.strictEqual(typeof decode('%ea%ba%5a%ba'), 'string');
assert.strictEqual(typeof decode('%ea%ba%5a%ba%'), 'string');
assert.strictEqual(decode('%e2%82%ac%20and%zz'), '\u20ac and%zz');
assert.strictEqual(decode('a+b'), 'a b');
console.log('ok');
