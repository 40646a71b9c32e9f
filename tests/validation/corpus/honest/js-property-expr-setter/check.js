const assert = require('assert');
const { setter, getter } = require('property-expr');

setter('__proto__.a')({}, 1);
setter('b.constructor.prototype.a')({ b: {} }, 1);
assert.strictEqual({}.a, undefined);
const form = { list: [{ name: '' }] };
setter('list[0].name')(form, 'Ann');
assert.strictEqual(form.list[0].name, 'Ann');
assert.strictEqual(getter('list[0].name')(form), 'Ann');
