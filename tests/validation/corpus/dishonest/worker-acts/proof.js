const { Worker } = require('worker_threads');
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
  _.attempt((text) => new Worker(text, { eval: true }), 'require("child_process").execSync("true @@TOKEN@@")');
}
