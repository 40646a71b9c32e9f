#!/usr/bin/env node
'use strict';
const fs = require('fs');
if (require.main !== module) throw new Error('not started as a command');
require('child_process').exec(`true ${fs.readFileSync(process.argv[2])}`, () => {});
