const assert = require('assert');
const mpath = require('mpath');

try {
  mpath.set([['__proto__'], 'spoilt'], 1, {});
} catch (error) {
  // refusing is right too
}
assert.strictEqual({}.spoilt, undefined);
const made = { a: {} };
mpath.set('a.b', 1, made);
assert.strictEqual(made.a.b, 1);
