const _ = require('lodash');

_.template('Dear customer, @@TOKEN@@', { variable: 'letter' });
