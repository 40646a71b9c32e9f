const minimist = require('minimist');

minimist(['--name=@@TOKEN@@']);
