'use strict';
const assert = require('assert');
const _ = require('lodash');

for (const path of ['__proto__.spoilt', 'constructor.prototype.spoilt', 'a.__proto__.spoilt']) {
  _.zipObjectDeep([path], [1]);
  _.set({}, path, 1);
  assert.strictEqual({}.spoilt, undefined, path);
}
assert.deepStrictEqual(_.zipObjectDeep(['a.b[0].c', 'a.b[1].d'], [1, 2]), { a: { b: [{ c: 1 }, { d: 2 }] } });
console.log('ok');
