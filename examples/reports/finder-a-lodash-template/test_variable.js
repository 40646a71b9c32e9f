// A template's variable must be a plain name; plain names keep working.
'use strict';

const assert = require('assert');
const _ = require('lodash');

let ran = false;
global.__ran = () => { ran = true; };
try {
  _.template('hello', { variable: 'a = __ran()' })();
} catch (error) {
  // refusing is right
}
assert.strictEqual(ran, false, 'code in `variable` was run');

assert.strictEqual(_.template('hello <%= data.name %>', { variable: 'data' })({ name: 'world' }), 'hello world');
assert.strictEqual(_.template('hello <%= name %>')({ name: 'world' }), 'hello world');
console.log('ok');
