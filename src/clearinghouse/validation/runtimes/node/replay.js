/*
 * Replays a `calls` document: data only, no branches, and no stopping at what a step throws.
 */
'use strict';

const { inspect, types } = require('util');
const { Fault, textOf, typeOf } = require('./faults.js');
const { broken } = require('./invariants.js');
const { checkName } = require('./resolve.js');
const { asData, toBytes, valueBuilder } = require('./values.js');
const { placeFile } = require('./box.js');

const { apply, construct } = Reflect;
const STEP_KINDS = ['call', 'new', 'method', 'get'];
const STEP_KEYS = new Set([
  ...STEP_KINDS,
  'on',
  'args',
  'kw',
  'must_raise',
  'must_not_contain',
  'must_equal',
  'must_not_inherit',
  'drain',
]);
const MAX_DRAIN = 1000000;
const MAX_STEPS = 1000;
const MAX_SHOWN = 8192;

/** A step that could not be done because one that it needs had failed. */
class NeedsFailedStep extends Error {}

/** Return all places `{$key: …}` of a JSON value. */
function* uses(value, key) {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value) && Object.prototype.hasOwnProperty.call(value, key)) yield value[key];
  for (const inner of Object.values(value)) yield* uses(inner, key);
}

/**
 * Refuse what is not a `calls` document.
 *
 * @param {unknown} document
 * @returns {object[]} its steps
 */
function stepsOf(document) {
  const steps = document && document.steps;
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MAX_STEPS) {
    throw new Fault('bad-document', `steps must be a list of 1 to ${MAX_STEPS}`);
  }
  steps.forEach((step, index) => {
    const where = `step ${index}`;
    if (step === null || typeof step !== 'object' || Array.isArray(step))
      throw new Fault('bad-document', `${where} is no object`);
    const unknown = Object.keys(step).find((key) => !STEP_KEYS.has(key));
    if (unknown !== undefined) throw new Fault('bad-document', `${where}: unknown key ${unknown}`);
    if (STEP_KINDS.filter((kind) => kind in step).length !== 1) {
      throw new Fault('bad-document', `${where} must have exactly one of ${STEP_KINDS.join(', ')}`);
    }
    if (step.kw !== undefined && Object.keys(step.kw).length > 0)
      throw new Fault('bad-document', `${where}: kw has no meaning in node`);
    if (step.args !== undefined && !Array.isArray(step.args))
      throw new Fault('bad-document', `${where}: args must be a list`);
    if (('method' in step || 'get' in step) && !('on' in step)) throw new Fault('bad-document', `${where} needs "on"`);
    for (const reference of uses(step, '$ref')) {
      if (!Number.isInteger(reference) || reference < 0 || reference >= index) {
        throw new Fault('bad-document', `${where}: $ref ${reference} is no earlier step`);
      }
    }
  });
  return steps;
}

/**
 * Return a replay of a document.
 *
 * @param {object} document
 * @param {object} given
 * @param {ReturnType<import('./resolve.js').makeResolver>} given.resolver
 * @param {ReturnType<import('./settle.js').makeWaiting>} given.waiting
 * @param {string} given.token
 * @param {{box: string, canary: object}} given.places
 * @param {object} [given.hold] results that replace those of steps, by index
 */
function makeReplay(document, { resolver, waiting, token, places, hold = {} }) {
  const steps = stepsOf(document);
  const setup = document.setup || {};
  const used = new Set(steps.flatMap((step) => [...uses(step, '$ref')]));
  const files = new Map();

  /** Refuse to hand on or call a function that the target returned, unless that is the flaw; all of a null target is one. */
  const checkReturned = (value) => {
    if (typeof value === 'function' && !resolver.isNull && document.returned_code !== true) {
      throw new Fault('leaves-target', 'a function that the target returned may be used only with returned_code: true');
    }
    return value;
  };

  const builder = (results, n, receiver = false) =>
    valueBuilder({
      token,
      canary: places.canary,
      n,
      result(index) {
        if (!results[index].ok) throw new NeedsFailedStep(`step ${index} gave nothing`);
        return receiver ? results[index].value : checkReturned(results[index].value);
      },
      pathOf(name) {
        if (!files.has(name)) throw new Fault('bad-document', `$path ${JSON.stringify(name)} is no setup file`);
        return files.get(name);
      },
      target: (path) => resolver.find(path).value,
    });

  /** Return what a step does, ready to be done: nothing of the target's has run yet. */
  const prepare = (step, results, n) => {
    const build = builder(results, n);
    const args = (step.args || []).map((value) => build(value));
    if ('call' in step || 'new' in step) {
      const named = 'call' in step ? step.call : step.new;
      const found = typeof named === 'string' ? resolver.find(named) : { owner: undefined, value: build(named) };
      if (typeof found.value !== 'function') {
        if (typeof named !== 'string') throw new TypeError('the result of an earlier step is no function');
        throw new Fault('no-such-call', `${named} is no function`);
      }
      if ('new' in step) return () => construct(found.value, args);
      return () => apply(found.value, found.owner, args);
    }
    const object = builder(results, n, true)(step.on);
    const name = 'method' in step ? step.method : step.get;
    checkName(name);
    if (object === null || object === undefined) throw new TypeError(`${name} of ${object}`);
    if ('get' in step) {
      return () => {
        const value = object[name];
        if (value !== null && typeof value === 'object' && resolver.isPlatform(value)) {
          throw new Fault('leaves-target', `${name} is the platform's`);
        }
        return value;
      };
    }
    const method = object[name];
    if (typeof method !== 'function') throw new Fault('no-such-call', `the result has no method ${name}`);
    resolver.checkMethod(object, name, method);
    return () => apply(method, object, args);
  };

  /** Return the items of an iterable, at most `limit`. */
  const drained = async (value, limit) => {
    const items = [];
    if (value !== null && value !== undefined && typeof value[Symbol.asyncIterator] === 'function') {
      for await (const item of value) {
        items.push(item);
        if (items.length >= limit) break;
      }
      return items;
    }
    for (const item of value) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  };

  /** Do one step and return how it ended. */
  const perform = async (step, act) => {
    try {
      const first = await waiting.result(act());
      if (first.failed || step.drain === undefined) return first;
      return await waiting.result(drained(first.value, Math.min(Number(step.drain), MAX_DRAIN)));
    } catch (failure) {
      if (failure instanceof Fault) throw failure;
      return { failure, failed: true };
    }
  };

  return {
    __proto__: null,
    steps,
    /** Lay out the document's files and return what it wants on standard input, if anything. */
    layOut() {
      const build = builder([]);
      const names = setup.files || {};
      for (const name of Object.keys(names)) files.set(name, placeFile(places.box, name, toBytes(build(names[name]))));
      return setup.stdin === undefined ? undefined : toBytes(build(setup.stdin));
    },
    /** Load the modules that the document names, in its order. */
    async load() {
      for (const step of steps) {
        for (const path of [step.call, step.new, ...uses(step, '$target')])
          if (typeof path === 'string') await resolver.load(path);
      }
    },
    /**
     * Replay all steps.
     *
     * @param {object} on
     * @param {(index: number) => void} [on.begin]
     * @param {(record: object, outcome: {failed?: boolean, failure?: unknown}) => void} [on.step]
     * @param {(record: object) => void} [on.broken]
     * @param {(act: () => unknown) => () => unknown} [on.around] wraps what is measured
     * @param {number} [n] the size
     */
    async run(on, n) {
      const results = [];
      for (let index = 0; index < steps.length; index += 1) {
        const step = steps[index];
        if (on.begin) on.begin(index);
        let outcome;
        try {
          const act = prepare(step, results, n);
          outcome = await perform(step, on.around ? on.around(act) : act);
        } catch (failure) {
          if (failure instanceof Fault) throw failure;
          outcome = { failure, failed: true };
        }
        const result = { ok: !outcome.failed, value: outcome.value };
        if (String(index) in hold) {
          result.ok = true;
          result.value = builder(results, n)(hold[index]);
        }
        results.push(result);
        if (on.step) on.step(told(index, outcome, used.has(index), document.report_values === true), outcome);
        if (on.broken) {
          const seen = { failed: outcome.failed === true, value: outcome.value };
          for (const one of broken(step, seen, builder(results, n))) on.broken({ t: 'broken', index, ...one });
        }
      }
    },
  };
}

/** Return what a result that is no plain data looks like, without calling anything of the target's. */
function looks(value) {
  if (types.isRegExp(value)) return 'a pattern'; // code: what it matches is for a later step to tell
  try {
    return inspect(value, { customInspect: false, depth: 4, maxArrayLength: 200, maxStringLength: 2000, sorted: true }).slice(0, MAX_SHOWN);
  } catch {
    return typeof value;
  }
}

/** Return the record of a step; `all`: whatever it gave is told, as data where it is data. */
function told(index, outcome, wanted, all) {
  if (outcome.failed) {
    const raised = outcome.failure instanceof NeedsFailedStep ? 'no-result' : typeOf(outcome.failure);
    return { t: 'step', index, ok: false, raised, text: textOf(outcome.failure).slice(0, 200) };
  }
  let value = wanted || all ? asData(outcome.value) : undefined;
  if (value === undefined && all) value = looks(outcome.value);
  return value === undefined ? { t: 'step', index, ok: true } : { t: 'step', index, ok: true, value };
}

module.exports = { __proto__: null, NeedsFailedStep, makeReplay, stepsOf, uses };
