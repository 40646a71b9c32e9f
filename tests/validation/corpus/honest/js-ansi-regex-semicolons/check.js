const assert = require('assert');
const pattern = require('ansi-regex');

const start = process.cpuUsage().user;
('\u001B[' + ';'.repeat(50000)).replace(pattern(), '');
assert.ok(process.cpuUsage().user - start < 1e6);
for (const text of ['\u001B[31mred\u001B[39m', '\u001B[1;31mred\u001B[0m', '\u001B[38;5;200mred\u001B[m', '\u001B[2Kred']) {
  assert.strictEqual(text.replace(pattern(), ''), 'red', JSON.stringify(text));
}
