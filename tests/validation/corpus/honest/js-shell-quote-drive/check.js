const assert = require('assert');
const { quote } = require('shell-quote');

assert.strictEqual(quote([':`:`']), '\\:\\`\\:\\`');
assert.strictEqual(quote(['`:`']), '\\`\\:\\`');
assert.strictEqual(quote(['a b', "it's"]), "'a b' \"it's\"");
assert.strictEqual(quote(['a;b', '$c']), 'a\\;b \\$c');
