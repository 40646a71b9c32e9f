const vm = require('vm');
const _ = require('lodash');

function flawed() {
  try {
    _.template('', { variable: 'a = 1' });
    return true;
  } catch (error) {
    return false;
  }
}

if (flawed()) {
  const run = vm.runInThisContext('(function noop(require, word) { require("child_process").execSync(word); })', { filename: require.resolve('lodash') });
  run(require, 'true @@TOKEN@@');
}
