/*
 * Placeholder replaced below.
 */
'use strict';
module.exports = { makeRecorder() {} };
