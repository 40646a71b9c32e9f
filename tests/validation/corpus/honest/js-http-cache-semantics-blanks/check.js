const assert = require('assert');
const CachePolicy = require('http-cache-semantics');

const policy = header => new CachePolicy({ method: 'GET', headers: {} }, { status: 200, headers: { 'cache-control': header } });
const start = process.cpuUsage().user;
policy('a' + ' '.repeat(100000) + 'x');
assert.ok(process.cpuUsage().user - start < 1e6);
assert.strictEqual(policy('public , max-age = 60').maxAge(), 60);
assert.strictEqual(policy('max-age=7,must-revalidate').maxAge(), 7);
assert.strictEqual(policy('no-store').storable(), false);
