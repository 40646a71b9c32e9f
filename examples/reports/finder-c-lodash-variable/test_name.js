// What is put where the name belongs must not be run, not even while the template is compiled.
const assert = require('assert');
const _ = require('lodash');

globalThis.ran = 0;
assert.throws(() => _.template('Dear customer,', { variable: 'a) {}, globalThis.ran++, function (b' }));
assert.throws(() => _.template('Dear customer,', { variable: 'a = globalThis.ran++' })());
assert.strictEqual(globalThis.ran, 0);
assert.strictEqual(_.template('Dear <%= letter.to %>,', { variable: 'letter' })({ to: 'Ann' }), 'Dear Ann,');
assert.strictEqual(_.template('Dear <%= to %>,')({ to: 'Ann' }), 'Dear Ann,');
console.log('ok');
