/*
 * Writes down, as a `calls` document, the calls that cross from the finder's program into the target.
 *
 * The program sees the target's exports through proxies; the target itself never does. The record is only a proposal:
 * it need not be trusted, because the replay decides.
 */
'use strict';

const Module = require('module');
const { types } = require('util');
const { makeDescriber } = require('./describe.js');

const { apply, construct } = Reflect;
const MAX_STEPS = 200;
const THROUGH = new Set(['prototype', 'constructor', 'caller', 'callee', 'arguments', '__esModule', 'then']);
const PRIVATE = /^_/;
/** Detectors where a call may never come back: what was recorded is sent before each call. */
const EARLY = new Set(['crash', 'growth', 'hang']);

/**
 * Return a recorder.
 *
 * @param {object} given
 * @param {{target: {names: string[], deps: string}, token: string}} given.brief
 * @param {{box: string, canary: object}} given.places
 * @param {(file: string) => boolean} given.isFinders says of a file whether it is the finder's
 * @param {(record: object) => void} given.send
 * @param {boolean} [given.early] whether what was recorded is sent before each call
 */
function makeRecorder({ brief, places, isFinders, send, early = EARLY.has(brief.detector) }) {
  const { names } = brief.target;
  const steps = [];
  const lossy = [];
  const files = {};
  const proxies = new WeakMap();
  const reals = new WeakMap();
  const origins = new WeakMap();
  const lent = new WeakSet();
  let inside = 0;
  let returnedCode = false;

  const lose = (what, where) => {
    if (lossy.length < 50 && !lossy.some((one) => one.what === what && one.where === where))
      lossy.push({ what, where });
  };
  const realOf = (value) => (reals.has(value) ? reals.get(value) : value);
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

  /** Add a step and return its index; nothing is added once there are too many. */
  const addStep = (step) => {
    if (steps.length >= MAX_STEPS) {
      lose(`more than ${MAX_STEPS} calls`, 'program');
      return undefined;
    }
    return steps.push(step) - 1;
  };

  /** Return the VALUE that stands for something of the target: its path, or the result it came from. */
  const handle = (origin) => {
    if (origin.path !== undefined) return { $target: origin.path };
    if (origin.index === undefined && origin.of !== undefined)
      origin.index = addStep({ get: origin.key, on: handle(origin.of) });
    return { $ref: origin.index };
  };
  const describer = makeDescriber({
    token: brief.token,
    places,
    files,
    lose,
    handleOf: (value) => {
      const origin = origins.get(realOf(value));
      return origin && (reals.has(value) || typeof value === 'function') ? handle(origin) : undefined;
    },
  });

  /** Return arguments as the target may have them: no proxy of ours in it. */
  const unwrapped = (value, depth = 0) => {
    if (!isObject(value)) return value;
    if (reals.has(value)) return realOf(value);
    if (depth > 8 || !(Array.isArray(value) || describer.isPlain(value))) return value;
    let copy;
    for (const key of Object.keys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      if (!('value' in found)) continue;
      const inner = unwrapped(found.value, depth + 1);
      if (inner === found.value) continue;
      copy =
        copy ||
        (Array.isArray(value) ? value.slice() : Object.defineProperties({}, Object.getOwnPropertyDescriptors(value)));
      copy[key] = inner;
    }
    return copy || value;
  };

  /** Return where the object came from that a function is a method of, in this call; undefined when of none known. */
  const ownerOf = (origin, self, real) => {
    const owner = isObject(self) ? origins.get(realOf(self)) : undefined;
    if (owner === undefined || origin.of === undefined || owner === origin.of) return owner && origin.of;
    const place = owner.base || realOf(self); // one function serves all objects of a class
    return Reflect.get(place, origin.key, realOf(self)) === real ? owner : undefined;
  };

  /** Return the step that a call makes, by where the function came from. */
  const stepOf = (origin, self, real, isNew) => {
    if (origin.path !== undefined) return isNew ? { new: origin.path } : { call: origin.path };
    const owner = isNew ? undefined : ownerOf(origin, self, real);
    if (owner !== undefined) {
      return { method: origin.key, on: owner.path === undefined ? handle(owner) : { $target: owner.path } };
    }
    returnedCode = true;
    if (isNew) lose('a class that the target returned', 'new');
    return { call: handle(origin) };
  };

  /** Return what was recorded so far. */
  const written = () => {
    const document = { steps };
    if (Object.keys(files).length > 0) document.setup = { files };
    if (returnedCode) document.returned_code = true;
    return { document, lossy };
  };

  /** Note a call of `real` and do it; `base` is the prototype below which the class of what is made is the finder's. */
  const crossing = ({ origin, self, args, real, isNew = false, base }, act) => {
    if (inside > 0) return act();
    const step = stepOf(origin, self, real, isNew);
    const where = String(
      step.call && step.call.$ref === undefined ? step.call : step.new || step.method || 'returned function',
    );
    if (args.length > 0) step.args = args.map((value, at) => describer.argument(value, `${where} argument ${at}`));
    if (step.call === undefined ? PRIVATE.test(where) : /[#.]_/.test(where)) lose('a name that is not public', where);
    const index = addStep(step);
    if (early) send({ t: 'calls', ...written() });
    inside += 1;
    try {
      return seen(act(), { index, base, own: base && new Set() });
    } finally {
      inside -= 1;
    }
  };

  /** Return a result as the program may have it. */
  const seen = (value, origin) => {
    if (!isObject(value)) return value;
    if (types.isPromise(value)) {
      const followed = value.then((given) => seen(given, origin));
      followed.catch(() => {});
      return followed;
    }
    if (typeof value !== 'function' && describer.isData(value)) return value;
    return wrapped(value, origin);
  };

  /**
   * Let what a class of the finder's asks of `super` come through proxies: its methods run on the proxy, whose private
   * fields they are, and what they ask of the target's class is a call into the target.
   */
  const lend = (derived, base) => {
    for (let one = derived.prototype; isObject(one); one = Object.getPrototypeOf(one)) {
      const parent = Object.getPrototypeOf(one);
      if (lent.has(parent)) return;
      if (parent !== base) continue;
      const between = new Proxy(Object.create(base), {
        __proto__: null,
        get(_, key, receiver) {
          const value = Reflect.get(base, key, realOf(receiver));
          if (!reals.has(receiver) || typeof value !== 'function' || typeof key === 'symbol' || THROUGH.has(key))
            return value;
          return wrapped(value, { of: origins.get(realOf(receiver)), key });
        },
      });
      lent.add(between);
      Object.setPrototypeOf(one, between);
      return;
    }
  };

  /** Return the descriptor of a property that an object of a finder's class has from there, and not from the target. */
  const findersOwn = (object, key, { base, own }) => {
    if (base === undefined) return undefined;
    if (own.has(key)) return Object.getOwnPropertyDescriptor(object, key);
    if (Object.prototype.hasOwnProperty.call(object, key)) return undefined;
    for (let one = Object.getPrototypeOf(object); isObject(one) && one !== base; one = Object.getPrototypeOf(one)) {
      if (lent.has(one)) return undefined;
      const found = Object.getOwnPropertyDescriptor(one, key);
      if (found) return found;
    }
    return undefined;
  };

  /** Return the proxy of something of the target. */
  const wrapped = (real, origin) => {
    if (reals.has(real)) return real;
    if (proxies.has(real)) return proxies.get(real);
    origins.set(real, origin);
    const proxy = new Proxy(real, {
      __proto__: null,
      get(target, key) {
        if (findersOwn(target, key, origin)) {
          const mine = Reflect.get(target, key, proxy);
          return proxies.get(mine) || mine;
        }
        const value = Reflect.get(target, key, target);
        const fixed = Object.getOwnPropertyDescriptor(target, key);
        if (!isObject(value) || typeof key === 'symbol' || THROUGH.has(key)) return value;
        if (fixed && fixed.configurable === false && fixed.writable === false) return value;
        if (value === Function.prototype[key]) return value;
        if (origin.path === undefined) return wrapped(value, { of: origin, key });
        const inner = origin.path.includes('#') ? `${origin.path}.${key}` : `${origin.path}#${key}`;
        return wrapped(value, { path: inner, of: origin, key });
      },
      set(target, key, value) {
        lose('a property set on the target', String(key));
        const mine = findersOwn(target, key, origin);
        if (mine && mine.set) return Reflect.set(target, key, value, proxy);
        if (origin.own && !(key in target)) origin.own.add(key);
        return Reflect.set(target, key, realOf(value), target);
      },
      defineProperty(target, key, descriptor) {
        lose('a property defined on the target', String(key));
        if (origin.own && !(key in target)) origin.own.add(key);
        return Reflect.defineProperty(target, key, descriptor);
      },
      deleteProperty(target, key) {
        lose('a property deleted from the target', String(key));
        return Reflect.deleteProperty(target, key);
      },
      apply: (target, self, args) =>
        crossing({ origin, self, args, real }, () =>
          apply(
            target,
            realOf(self),
            args.map((one) => unwrapped(one)),
          ),
        ),
      construct: (target, args, newTarget) => {
        const maker = newTarget === proxy ? target : newTarget;
        const base = newTarget === proxy ? undefined : target.prototype;
        if (base !== undefined) {
          lose('a class derived from the target', origin.path || 'returned class');
          lend(newTarget, base);
        }
        return crossing({ origin, args, real, isNew: true, base }, () =>
          construct(
            target,
            args.map((one) => unwrapped(one)),
            maker,
          ),
        );
      },
    });
    proxies.set(real, proxy);
    reals.set(proxy, real);
    return proxy;
  };

  return {
    __proto__: null,
    /** Make what the finder's files require from the target come through proxies. */
    install() {
      const load = Module._load;
      Module._load = function recordingLoad(request, parent, ...rest) {
        const value = apply(load, this, [request, parent, ...rest]);
        const from = parent && parent.filename;
        const asked = typeof from === 'string' && isFinders(from);
        const ours = names.some((name) => request === name || request.startsWith(`${name}/`));
        if (!asked || !ours || request.endsWith('.json') || !isObject(value)) return value;
        return wrapped(value, { path: request.replace(/\.[cm]?js$/, '') });
      };
    },
    /** Return what was recorded. */
    document() {
      if (steps.length === 0) lose('no call into the target', 'program');
      return written();
    },
    wrapped,
  };
}

module.exports = { __proto__: null, makeRecorder };
