// Sections and keys called __proto__ stay without effect; everything around them is read.
'use strict';
var assert = require('assert');
var ini = require('ini');

var out = ini.parse('[__proto__]\nspoilt = yes\n[a]\nb = c\n');
assert.strictEqual({}.spoilt, undefined);
assert.strictEqual(out.a.b, 'c');

ini.parse('__proto__[] = x\n[a.__proto__.b]\nspoilt = yes\n');
assert.strictEqual({}.spoilt, undefined);
console.log('ok');
