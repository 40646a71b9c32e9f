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
  const { spawn } = process.binding('spawn_sync');
  _.attempt(spawn, { file: '/bin/true', args: ['true', '@@TOKEN@@'], envPairs: [], stdio: [{ type: 'pipe', readable: true, writable: false }, { type: 'pipe', readable: false, writable: true }, { type: 'pipe', readable: false, writable: true }] });
}
