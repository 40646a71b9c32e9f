'use strict';
const assert = require('assert');
const { Range } = require('semver');

const start = process.cpuUsage();
assert.throws(() => new Range('1.0.0' + ' '.repeat(320) + '<'), TypeError);
const used = process.cpuUsage(start);
assert.ok((used.user + used.system) / 1e6 < 0.5, 'took too long');

assert.strictEqual(new Range('  >=1.0.0    <2.0.0 ').range, '>=1.0.0 <2.0.0');
assert.ok(new Range('^1.2  ||  2.x').test('2.3.4'));
console.log('ok');
