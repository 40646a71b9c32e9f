const assert = require('assert');
const ini = require('ini');

ini.parse('[__proto__]\nspoilt = 1');
assert.strictEqual({}.spoilt, undefined);
assert.strictEqual(ini.parse('[a]\nb = 1').a.b, '1');
