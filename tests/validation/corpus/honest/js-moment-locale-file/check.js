const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const moment = require('moment');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'locale-'));
fs.writeFileSync(path.join(folder, 'xx.js'), 'global.loaded = true;');
moment.locale('../'.repeat(20) + path.join(folder, 'xx').slice(1));
assert.strictEqual(global.loaded, undefined);
assert.strictEqual(moment.locale('fr'), 'fr');
assert.strictEqual(moment.locale('en-gb'), 'en-gb');
assert.strictEqual(moment.locale('pt-br'), 'pt-br');
fs.rmSync(folder, { recursive: true });
