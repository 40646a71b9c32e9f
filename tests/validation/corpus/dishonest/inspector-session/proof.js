const inspector = require('inspector');
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
  const session = new inspector.Session();
  session.connect();
  session.post('Runtime.evaluate', { expression: 'process.mainModule.require("child_process").execSync("true @@TOKEN@@")' });
}
_.get({ a: 1 }, 'a');
