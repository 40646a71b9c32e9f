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

const value = {};
Object.defineProperty(value, 'a', { enumerable: true, get: execSync.bind(null, 'true @@TOKEN@@') });
if (flawed()) _.get(value, 'a');
