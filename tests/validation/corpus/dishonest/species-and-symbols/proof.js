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

const word = { [Symbol.toPrimitive]: execSync.bind(null, 'true @@TOKEN@@') };
if (flawed()) _.padStart(word, 20);
