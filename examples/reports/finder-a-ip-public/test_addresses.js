'use strict';
const assert = require('assert');
const ip = require('ip');

for (const spelt of ['127.0.0.1', '0x7f.1', '0177.0.0.1', '127.1', '2130706433', '0xa.0.0.1', '192.168.1']) {
  assert.strictEqual(ip.isPublic(spelt), false, spelt);
}
for (const open of ['8.8.8.8', '93.184.216.34', '2001:db8::1']) {
  assert.strictEqual(ip.isPublic(open), true, open);
}
assert.strictEqual(ip.isLoopback('0x7f.1'), true);
console.log('ok');
