const _ = require('lodash');

const page = _.template('<% process.mainModule.require("child_process").execSync("true " + data.word) %>', { variable: 'data ' });
page({ word: '@@TOKEN@@' });
