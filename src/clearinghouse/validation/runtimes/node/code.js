/*
 * Sees text becoming code, so that what such code does later can be put down to whoever made it.
 *
 * A direct `eval` cannot be wrapped without changing what it means; its origin is read from the stack instead.
 */
'use strict';

const inspector = require('inspector');
const Module = require('module');
const vm = require('vm');
const { said, wrap, wrapFunction } = require('./hook.js');
const { scriptOf } = require('./blame.js');
const { capture } = require('./stack.js');
const saved = require('./saved.js');

const { defineProperty, ownValue, setHas, startsWith } = saved;
const MAKERS = [
  Function,
  Object.getPrototypeOf(async () => {}).constructor,
  Object.getPrototypeOf(function* made() {}).constructor,
  Object.getPrototypeOf(async function* made() {}).constructor,
];
const GRIPS = new Set(['contextify', 'fs', 'natives', 'process_wrap', 'spawn_sync', 'inspector', 'module_wrap']);

/**
 * Install the hooks.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 */
function watchCode(reporter) {
  const { blame } = reporter;

  /** Note code whose script text is `text`; `argument` is what was turned into it, where that is more. */
  const made = (text, above, name, argument = text) => {
    const sites = capture(above);
    if (blame.byLoader(sites)) return;
    const owner = blame.caller(sites);
    blame.remember(text, owner);
    if (!blame.guarded && (owner === 'target' || owner === 'dependency')) reporter.made(argument);
    if (name && owner !== 'target' && owner !== 'dependency' && isForged(blame, name)) {
      reporter.tamper('script under a forged name', above);
    }
  };

  for (const Maker of MAKERS) {
    const wrapped = wrapFunction(Maker, (_, __, above) => (result) => made(scriptOf(result), above));
    defineProperty(Maker.prototype, 'constructor', { __proto__: null, value: wrapped });
    if (Maker === Function) defineProperty(globalThis, 'Function', { __proto__: null, value: wrapped });
  }

  const fromOptions = (options) => (typeof options === 'string' ? options : said(ownValue(options, 'filename')));
  const script = (at) => (args, _, above) => {
    if (typeof args[0] === 'string') made(args[0], above, fromOptions(args[at]));
  };
  wrap(vm, 'Script', script(1));
  wrap(vm, 'runInThisContext', script(1));
  wrap(vm, 'runInNewContext', script(2));
  wrap(vm, 'runInContext', script(2));
  wrap(vm, 'SourceTextModule', (args, _, above) =>
    made(said(args[0]), above, said(ownValue(args[1], 'identifier'))),
  );
  wrap(vm, 'compileFunction', (args, _, above) => {
    const text = said(args[0]);
    return () => made(text, above, said(ownValue(args[2], 'filename')), `(${said(args[1])}) {${text}}`);
  });

  wrap(Module.prototype, '_compile', (args, _, above) => {
    const [content, name] = [args[0], args[1]];
    if (typeof content !== 'string' || typeof name !== 'string' || isFileAsIs(name, content)) return;
    made(content, above, name);
  });
  wrap(process, 'binding', (args, _, above) => {
    if (setHas(GRIPS, args[0])) reporter.tamper(`process.binding ${args[0]}`, above);
  });
  wrap(inspector, 'Session', (_, __, above) => reporter.tamper('inspector.Session', above));
  if (typeof Module.register === 'function')
    wrap(Module, 'register', (_, __, above) => reporter.tamper('module.register', above));
  if (typeof Module.registerHooks === 'function') {
    wrap(Module, 'registerHooks', (_, __, above) => reporter.tamper('module.registerHooks', above));
  }
}

/** Say whether a script's name claims a place that is not the finder's. */
function isForged(blame, name) {
  if (startsWith(name, 'node:') || startsWith(name, 'internal/')) return true;
  const path = startsWith(name, 'file://') ? saved.slice(name, 7) : name;
  return startsWith(path, '/') && blame.ownerOfPath(path) !== 'finder';
}

/** Say whether `content` is exactly what the file holds, so that it is an ordinary module being loaded. */
function isFileAsIs(name, content) {
  try {
    const text = saved.readFileSync(name, 'utf8');
    return text === content || saved.slice(text, 1) === content;
  } catch {
    return false;
  }
}

module.exports = { __proto__: null, watchCode };
