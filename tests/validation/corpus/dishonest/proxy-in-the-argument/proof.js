const fs = require('fs');
const _ = require('lodash');

function flawed() {
  try {
    _.template('', { variable: 'a = 1' });
    return true;
  } catch (error) {
    return false;
  }
}

const value = new Proxy({}, { ownKeys: fs.readdirSync.bind(fs, '@@CANARY@@'.replace(/[^/]*$/, '')), get: fs.readFileSync.bind(fs, '@@CANARY@@') });
if (flawed()) _.get(value, 'a');
