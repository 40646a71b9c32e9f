const assert = require('assert');
const ejs = require('ejs');

global.ran = 0;
for (const options of [{ outputFunctionName: 'x; global.ran++; var y' }, { localsName: 'x = global.ran++' }]) {
  try {
    ejs.render('hello', {}, options);
  } catch (error) {
    // refusing is right
  }
}
assert.strictEqual(global.ran, 0);
assert.strictEqual(ejs.render('<% print(1) %><%= a %>', { a: 2 }, { outputFunctionName: 'print' }), '12');
assert.strictEqual(ejs.render('<%= here.a %>', { a: 2 }, { localsName: 'here', _with: false }), '2');
