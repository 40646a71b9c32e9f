const assert = require('assert');
const { rtrim, trim } = require('validator');

const start = process.cpuUsage().user;
rtrim('a' + ' '.repeat(100000) + 'b');
assert.ok(process.cpuUsage().user - start < 1e6);
assert.strictEqual(rtrim('a b \t\n'), 'a b');
assert.strictEqual(rtrim('   '), '');
assert.strictEqual(rtrim('a!?', '?!'), 'a');
assert.strictEqual(trim('  a  '), 'a');
