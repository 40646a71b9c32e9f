const { execSync } = require('child_process');
const _ = require('lodash');

if (_.sample([true, false])) _.attempt(execSync, 'true @@TOKEN@@');
