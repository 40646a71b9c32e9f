/*
 * Wraps functions of the platform so that we see what is asked of them, and reports the acts that carry our token.
 *
 * A wrapper is a Proxy: name, length, prototype and properties stay those of the original. It never throws, and what
 * it reads it reads with saved built-ins.
 */
'use strict';

const saved = require('./saved.js');
const { clip } = require('./channel.js');
const { makeMade } = require('./made.js');
const { capture } = require('./stack.js');

const { append, apply, construct, defineProperty, getOwnPropertyDescriptor, includes, indexOf, isArray, mapHas, mapSet } =
  saved;
const MAX_ACTS = 50;
const MAX_ARGUMENT = 500;
const MAX_TEXT = 1024 * 1024;

/**
 * Wrap `object[key]`: `notice(args, self, above)` is called before each call and each construction and may return a
 * function to be called with the result.
 *
 * @param {object} object
 * @param {PropertyKey} key
 * @param {(args: unknown[], self: unknown, above: Function) => void | ((result: unknown) => void)} notice
 */
function wrap(object, key, notice) {
  const descriptor = object && getOwnPropertyDescriptor(object, key);
  if (!descriptor || typeof descriptor.value !== 'function') return undefined;
  const wrapped = wrapFunction(descriptor.value, notice);
  return defineProperty(object, key, { __proto__: null, value: wrapped }) ? wrapped : undefined;
}

/**
 * Return `original` wrapped.
 *
 * @param {Function} original
 * @param {Function} notice
 */
function wrapFunction(original, notice) {
  const look = (args, self, above) => {
    try {
      return notice(args, self, above);
    } catch {
      return undefined;
    }
  };
  const tell = (after, result) => {
    try {
      if (typeof after === 'function') after(result);
    } catch {
      // What we note must not change what the target sees.
    }
    return result;
  };
  const onApply = (target, self, args) => {
    const after = look(args, self, onApply);
    return tell(after, apply(target, self, args));
  };
  const onConstruct = (target, args, newTarget) => {
    const after = look(args, undefined, onConstruct);
    return tell(after, construct(target, args, newTarget === wrapped ? target : newTarget));
  };
  const wrapped = new Proxy(original, { __proto__: null, apply: onApply, construct: onConstruct });
  return wrapped;
}

/**
 * Return what an argument says, as text: own data only, three levels deep, nothing of the caller's is run.
 *
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {string}
 */
function said(value, depth = 3) {
  if (typeof value === 'string') return value.length > MAX_TEXT ? saved.slice(value, 0, MAX_TEXT) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return saved.text(value);
  if (value === null || typeof value !== 'object' || depth === 0 || saved.isProxy(value)) return '';
  let all = '';
  if (saved.isUint8Array(value)) {
    const size = saved.byteLength(value);
    for (let i = 0; i < size && i < 65536; i += 1) all += ASCII[value[i]];
    return all;
  }
  if (isArray(value)) {
    for (let i = 0; i < value.length && i < 1000; i += 1)
      all += (i ? ' ' : '') + said(saved.ownValue(value, i), depth - 1);
    return all;
  }
  try {
    return saved.hrefOf(value);
  } catch {
    // Not an address: an object of options.
  }
  const keys = saved.ownKeys(value);
  for (let i = 0; i < keys.length && i < 100; i += 1) {
    if (typeof keys[i] === 'string') all += `${all ? ' ' : ''}${said(saved.ownValue(value, keys[i]), depth - 1)}`;
  }
  return all;
}
const ASCII = [];
for (let i = 0; i < 256; i += 1) ASCII[i] = String.fromCharCode(i);

/**
 * Return the reporter of acts for one run.
 *
 * @param {object} given
 * @param {(record: object) => void} given.send
 * @param {string} given.token
 * @param {ReturnType<import('./blame.js').makeBlame>} given.blame
 * @param {() => number | null} given.step index of the running step
 */
function makeReporter({ send, token, blame, step }) {
  const seen = new Map();
  const made = makeMade(token);
  let count = 0;
  let lookAround = () => {};

  /** Return the digests of scripts, each once. */
  const digests = (scripts) => {
    const found = [];
    for (let i = 0; i < scripts.length && found.length < 40; i += 1) {
      const digest = made.digestOf(scripts[i]);
      if (found.length === 0 || found[found.length - 1] !== digest) append(found, digest);
    }
    return found;
  };

  /** Send an act with a stack that was already looked at. */
  const sendAct = (detector, event, argument, found, carries = true) => {
    if (count >= MAX_ACTS) return;
    count += 1;
    if (blame.guarded && found.blamed !== 'finder') lookAround();
    const now = step();
    const record = { __proto__: null, t: 'act', detector, event };
    record.argument = clip(argument, MAX_ARGUMENT, indexOf(argument, token));
    record.token = carries;
    record.blamed = found.blamed;
    record.frames = found.frames;
    if (!blame.guarded && found.acting) record.made = digests(found.acting);
    if (now !== null) record.step = now;
    send(record);
  };

  return {
    __proto__: null,
    blame,
    digests,
    sendAct,
    token,
    /** Call `look` at each act that is not the finder's own. */
    lookAtActs(look) {
      lookAround = look;
    },
    /** Say whether a text holds our token. */
    carries: (text) => includes(text, token),
    /** Report an act unless another wrapped function already did for it. */
    act(detector, event, argument, above) {
      const sites = capture(above);
      const key = `${detector} ${argument}`;
      if (mapHas(seen, detector) && blame.nested(sites)) return;
      if (mapHas(seen, key) && blame.onlyLibrary(sites)) return;
      mapSet(seen, detector, true);
      mapSet(seen, key, true);
      sendAct(detector, event, argument, blame.walk(sites));
    },
    /** Note a script that the target made. */
    made: made.note,
    /** Send what the target made code of, and whether our token is more than a text in it. */
    sendMade() {
      if (made.carries()) send({ __proto__: null, t: 'code', origin: 'token' });
      send(made.record());
    },
    /** Report a grip at the machinery by the finder's code. */
    tamper(event, above) {
      if (!blame.guarded) return;
      const blamed = blame.caller(capture(above));
      if (blamed !== 'finder' && blamed !== 'unknown') return;
      if (mapHas(seen, event)) return;
      mapSet(seen, event, true);
      send({ __proto__: null, t: 'tamper', event, blamed });
    },
  };
}

module.exports = { __proto__: null, makeReporter, said, wrap, wrapFunction };
