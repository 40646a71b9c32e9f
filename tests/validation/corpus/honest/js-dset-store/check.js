const assert = require('assert');
const { dset } = require('dset');

try {
  dset({}, [['__proto__'], 'spoilt'], 1);
} catch (error) {
  // refusing is right too
}
assert.strictEqual({}.spoilt, undefined);
const made = {};
dset(made, ['a', 'b'], 1);
assert.strictEqual(made.a.b, 1);
