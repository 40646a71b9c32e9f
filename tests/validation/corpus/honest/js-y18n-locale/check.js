const assert = require('assert');
const y18n = require('y18n')({ updateFiles: false, directory: __dirname });

y18n.setLocale('__proto__');
y18n.updateLocale({ spoilt: 'yes' });
assert.strictEqual({}.spoilt, undefined);
y18n.setLocale('fr');
y18n.updateLocale({ hello: 'bonjour' });
assert.strictEqual(y18n.__('hello'), 'bonjour');
