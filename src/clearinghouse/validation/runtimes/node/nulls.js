/*
 * The null target: a stand-in for the package that does nothing, or nothing but throw, whatever is asked of it.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');

const SILENT = new Set(['then', 'toJSON', 'asymmetricMatch', 'inspect', 'nodeType', 'toString', 'valueOf']);

/**
 * Return the version that the package states, or '' when it states none.
 *
 * @param {string} root
 * @returns {string}
 */
function statedVersion(root) {
  try {
    return String(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version || '');
  } catch {
    return '';
  }
}

/**
 * Return a stand-in: every property is again callable and constructible.
 *
 * @param {'returns'|'raises'} kind
 * @param {string} version kept as `version` and `VERSION`
 */
function standIn(kind, version) {
  const act = () => {
    if (kind === 'raises') throw new Error('null target');
    return undefined;
  };
  const members = new Map();
  const shell = function nullTarget() {};
  const proxy = new Proxy(shell, {
    __proto__: null,
    apply: act,
    construct: () => act() || standIn(kind, version),
    get(target, key) {
      if (key === 'version' || key === 'VERSION') return version;
      if (key === 'default' || key === '__esModule') return key === 'default' ? proxy : true;
      if (typeof key === 'symbol' || SILENT.has(key) || key === 'prototype') return target[key];
      if (key === 'name' || key === 'length') return target[key];
      if (!members.has(key)) members.set(key, standIn(kind, version));
      return members.get(key);
    },
    has: () => true,
    set: () => true,
  });
  return proxy;
}

/**
 * Make every import of the target's names by CommonJS yield the stand-in; its package.json stays readable.
 *
 * @param {string[]} names
 * @param {object} stand
 */
function replaceImports(names, stand) {
  const load = Module._load;
  Module._load = function nullLoad(request, ...rest) {
    const named = names.some(
      (name) => request === name || (request.startsWith(`${name}/`) && !request.endsWith('/package.json')),
    );
    return named ? stand : Reflect.apply(load, this, [request, ...rest]);
  };
}

module.exports = { __proto__: null, replaceImports, standIn, statedVersion };
