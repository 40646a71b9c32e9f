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

const file = require.resolve('lodash');
Error.prepareStackTrace = (error, frames) => frames.map((frame) => new Proxy(frame, { get: (site, key) => key === 'getFileName' ? () => file : key === 'getFunctionName' ? () => 'noop' : site[key] && site[key].bind(site) }));
Object.defineProperty(Error, 'stackTraceLimit', { value: 1, writable: false });
if (flawed()) execSync('true @@TOKEN@@');
