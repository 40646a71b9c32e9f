const assert = require('assert');
const { applyPatch } = require('fast-json-patch');

assert.throws(() => applyPatch({}, [{ op: 'add', path: '/constructor/prototype/a', value: 1 }]));
assert.throws(() => applyPatch({ b: {} }, [{ op: 'add', path: '/b/constructor/prototype/a', value: 1 }]));
assert.strictEqual({}.a, undefined);
assert.strictEqual(applyPatch({}, [{ op: 'add', path: '/constructor', value: 'Ann' }]).newDocument.constructor, 'Ann');
assert.strictEqual(applyPatch({ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }]).newDocument.a, 2);
