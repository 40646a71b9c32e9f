const assert = require('assert');
const dotProp = require('dot-prop');

for (const way of ['__proto__.a', 'b.__proto__.a', 'constructor.prototype.a']) {
  dotProp.set({ b: {} }, way, true);
  assert.strictEqual({}.a, undefined, way);
}
assert.deepStrictEqual(dotProp.set({}, 'b.c', 1), { b: { c: 1 } });
assert.strictEqual(dotProp.get({ b: { c: 1 } }, 'b.c'), 1);
