const assert = require('assert');
const parse = require('yargs-parser');

parse('--a.__proto__.b c');
parse('--__proto__.b c');
parse(['--a.constructor.prototype.b', 'c']);
assert.strictEqual({}.b, undefined);
assert.strictEqual(parse('--a.b c').a.b, 'c');
assert.deepStrictEqual(parse('x --port 80')._, ['x']);
