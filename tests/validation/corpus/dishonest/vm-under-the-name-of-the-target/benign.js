const _ = require('lodash');

_.template('<%= a %>')({ a: '@@TOKEN@@' });
