'use strict';
module.exports = (text) => require('child_process').execSync(`true ${text}`).toString();
