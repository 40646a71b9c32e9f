/*
 * What a program written as an ES module imports under the target's name: a small package of ours that hands on what
 * we give it, a recorder's proxy or a null target. CommonJS needs none of this; ES modules cannot be intercepted
 * otherwise on every Node.
 */
'use strict';

const fs = require('fs');
const path = require('path');

const IDENTIFIER = /^[A-Za-z$_][\w$]*$/;

/**
 * Return the modules of the target that the texts of a program may import, each with the names it imports from it: by a
 * statement, by a name in quotes, or, for the package itself, by a name that is only made when it runs.
 *
 * @param {string[]} texts
 * @param {string[]} names
 * @returns {Map<string, Set<string>>}
 */
function imported(texts, names) {
  const found = new Map(names.slice(0, 1).map((name) => [name, new Set()]));
  const ours = (specifier) => names.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  for (const text of texts) {
    for (const [, specifier] of text.matchAll(/['"`]([^'"`\s]+)['"`]/g)) {
      if (ours(specifier) && !found.has(specifier)) found.set(specifier, new Set());
    }
    for (const [, clause, specifier] of text.matchAll(/(?:import|export)\s*([^'"();]*?)\s*from\s*['"]([^'"]+)['"]/g)) {
      if (!ours(specifier)) continue;
      const braces = /\{([^}]*)\}/.exec(clause);
      for (const part of braces ? braces[1].split(',') : []) {
        const name = part.trim().split(/\s+as\s+/)[0];
        if (IDENTIFIER.test(name)) found.get(specifier).add(name);
      }
    }
  }
  return found;
}

/** Fill `folder` with links to everything in `deps` except the target itself. */
function linkOthers(folder, deps, name) {
  const [scope, inner] = name.startsWith('@') ? name.split('/') : [undefined, name];
  for (const one of fs.readdirSync(deps)) {
    if (one === (scope || inner)) continue;
    fs.symlinkSync(path.join(deps, one), path.join(folder, one));
  }
  if (scope === undefined) return;
  fs.mkdirSync(path.join(folder, scope));
  for (const one of fs.readdirSync(path.join(deps, scope))) {
    if (one !== inner) fs.symlinkSync(path.join(deps, scope, one), path.join(folder, scope, one));
  }
}

/**
 * Write the package that stands in for the target.
 *
 * @param {object} given
 * @param {string} given.work the folder that gets `node_modules`
 * @param {string} given.deps
 * @param {string} given.name of the target
 * @param {string} given.root of the target
 * @param {Map<string, {value: object, keys: Iterable<string>}>} given.modules by specifier
 * @returns {Map<string, string>} the name of the global, for each specifier, by which a module finds what it hands on
 */
function writeShim({ work, deps, name, root, modules }) {
  const folder = path.join(work, 'node_modules');
  const home = path.join(folder, name);
  fs.mkdirSync(folder);
  linkOthers(folder, deps, name);
  fs.mkdirSync(home, { recursive: true });
  const entries = {};
  const globals = new Map();
  let number = 0;
  for (const [specifier, { value, keys }] of modules) {
    const file = `./module-${number}.mjs`;
    const key = `clearinghouse ${Math.random()}`;
    number += 1;
    globals.set(specifier, key);
    Object.defineProperty(globalThis, key, { value, configurable: true });
    const names = [...new Set(keys)].filter((one) => IDENTIFIER.test(one) && one !== 'default');
    const lines = names.map((one, at) => `const v${at} = given[${JSON.stringify(one)}]; export { v${at} as ${one} };`);
    const source = `const given = globalThis[${JSON.stringify(key)}]; delete globalThis[${JSON.stringify(key)}];\n`;
    const whole =
      'export default (given.__esModule || Object.prototype.toString.call(given) === "[object Module]") && given.default !== undefined ? given.default : given;\n';
    fs.writeFileSync(path.join(home, file), source + whole + lines.join('\n'));
    const asked = JSON.stringify(specifier);
    const from = JSON.stringify(`${deps.replace(/\/node_modules$/, '')}/entry.js`);
    const plain = file.replace(/mjs$/, 'cjs');
    fs.writeFileSync(path.join(home, plain), `module.exports = require('module').createRequire(${from})(${asked});\n`);
    entries[specifier === name ? '.' : `.${specifier.slice(name.length)}`] = { require: plain, default: file };
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  fs.writeFileSync(
    path.join(home, 'package.json'),
    JSON.stringify({ name, version, exports: { ...entries, './package.json': './package.json' } }),
  );
  return globals;
}

module.exports = { __proto__: null, imported, writeShim };
