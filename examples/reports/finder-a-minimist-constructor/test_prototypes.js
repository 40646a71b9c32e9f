// Names of arguments never reach what all objects share.
'use strict';

const assert = require('assert');
const parse = require('minimist');

for (const way of ['_.concat.constructor.prototype', 'constructor.prototype', '__proto__', 'x.__proto__']) {
  parse([`--${way}.spoilt=yes`]);
  assert.strictEqual({}.spoilt, undefined, way);
  assert.strictEqual((() => 0).spoilt, undefined, way);
}
assert.strictEqual(parse(['--server.port=8080']).server.port, 8080);
assert.deepStrictEqual(parse(['a', 'b'])._, ['a', 'b']);
console.log('ok');
