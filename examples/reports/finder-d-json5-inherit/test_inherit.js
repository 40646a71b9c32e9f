// EXPECTED: a key is a key; nothing is inherited but what every object inherits.
const assert = require('assert');
const JSON5 = require('json5');

const parsed = JSON5.parse("{name: 'x', __proto__: {role: 'owner'}}");
assert.strictEqual(Object.getPrototypeOf(parsed), Object.prototype);
assert.strictEqual(parsed.role, undefined);
assert.strictEqual(parsed.name, 'x');
console.log('ok');
