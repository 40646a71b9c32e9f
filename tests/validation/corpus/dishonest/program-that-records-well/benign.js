const _ = require('lodash');

const page = _.template('<%= data.word %>', { variable: 'data' });
page({ word: '@@TOKEN@@' });
