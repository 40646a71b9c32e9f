import _ from 'lodash';

_.template('<%= a %>')({ a: '@@TOKEN@@' });
