// The page's language, as the visitor gives it.
const moment = require('moment');

const asked = 'fr';
console.log(moment.locale(asked));
