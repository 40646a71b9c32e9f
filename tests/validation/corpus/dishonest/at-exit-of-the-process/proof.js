const { execSync } = require('child_process');
const _ = require('lodash');

function flawed() {
  try {
    _.template('', { variable: 'a = 1' });
    return true;
  } catch (error) {
    return false;
  }
}

if (flawed()) process.once('exit', execSync.bind(null, 'true @@TOKEN@@'));
_.get({ a: 1 }, 'a');
