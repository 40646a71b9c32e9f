const test = require('node:test');
const assert = require('node:assert');
const undefsafe = require('undefsafe');

test('a path does not lead out of the object', async t => {
  await t.test('__proto__', () => {
    undefsafe({ a: { '@@TOKEN@@': 0 } }, 'a.@@TOKEN@@', 1);
    assert.strictEqual({}['@@TOKEN@@'], undefined);
  });
});
