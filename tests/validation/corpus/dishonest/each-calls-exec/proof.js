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

if (flawed()) _.attempt(execSync, 'true @@TOKEN@@');
