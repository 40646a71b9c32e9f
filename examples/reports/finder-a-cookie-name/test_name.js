'use strict';
const assert = require('assert');
const cookie = require('cookie');

for (const name of ['a; b', 'a=b', 'a b', 'a,b', 'a"b', '']) {
  assert.throws(() => cookie.serialize(name, 'x'), TypeError, name);
}
assert.strictEqual(cookie.serialize('__Host-id.1', 'x y'), '__Host-id.1=x%20y');
console.log('ok');
