/*
 * Measures CPU time against the size of the input: no hook is installed, arguments are built before the clock starts.
 *
 * A measurement is the lesser of the process's CPU time and the wall time: the first leaves out what other processes
 * take, the second leaves out the engine's helper threads (compiler, collector) that run beside the main one. Where
 * the kernel counts CPU time by long ticks (gVisor's), one tick more is allowed to it.
 */
'use strict';

const { performance } = require('perf_hooks');

const BEST_OF = 3;
/** Short measurements are repeated more often: a busy machine disturbs them most, and they cost little. */
const BEST_OF_SHORT = 7;
const SHORT_SECONDS = 0.1;
/** A measurement this long is not repeated: what disturbs it is small beside it. */
const LONG_SECONDS = 1;
/** The growth that is feared of the second size, when there is only one point. */
const ASSUMED_EXPONENT = 2;
/** When the first run takes this many times as long as the best, the target may remember its input. */
const REMEMBERED = 4;
/** From so many times the last size on, sizes between are measured where nobody knows what the next will take. */
const LEAP = 4;
/** Less than the first shows nothing; the last two sizes have to take the second to be told apart. */
const FAINT_SECONDS = 0.001;
const CLEAR_SECONDS = 0.01;
/** So many sizes are added at most where those of the finder take too little time on this machine. */
const FURTHER = 4;
/** The largest size there is. */
const MOST = 10_000_000;

/** A clock of CPU time that moves by more microseconds than this at once cannot time a short call. */
const COARSE = 3000;
let tick;

/** Return by how many microseconds the process's CPU time moves when it moves (gVisor's kernel: 10,000). */
function movesBy() {
  const read = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const begun = read();
  let first = begun;
  while (first === begun) first = read();
  let second = first;
  while (second === first) second = read();
  return second - first;
}

/** Return the sum of what each step takes of CPU time, in seconds. */
async function measure(replay, n) {
  if (tick === undefined) tick = movesBy();
  let total = 0;
  let began;
  const around = (act) => () => {
    began = { cpu: process.cpuUsage(), wall: performance.now() };
    return act();
  };
  const step = () => {
    if (began === undefined) return;
    const { user, system } = process.cpuUsage(began.cpu);
    const wall = (performance.now() - began.wall) / 1e3;
    total += Math.min((user + system + (tick > COARSE ? tick : 0)) / 1e6, wall);
    began = undefined;
  };
  await replay.run({ around, step }, n);
  return total;
}

/** Return how much more the next size is expected to take than the last, from the last two points. */
function factor(points, next) {
  const last = points[points.length - 1];
  const before = points[points.length - 2];
  let exponent = ASSUMED_EXPONENT;
  if (before && before.seconds > 0.001)
    exponent = Math.max(1, Math.log(last.seconds / before.seconds) / Math.log(last.n / before.n));
  return (next / last.n) ** exponent;
}

/** The times of one form, by size. */
class Curve {
  constructor(kind, replay) {
    this.kind = kind;
    this.replay = replay;
    this.spent = new Map();
  }

  /** Measure once at size `n`. */
  async take(n) {
    const spent = this.spent.get(n) || [];
    spent.push(await measure(this.replay, n));
    this.spent.set(n, spent);
  }

  best(n) {
    return Math.min(...this.spent.get(n));
  }

  points() {
    return [...this.spent.keys()].map((n) => ({ n, seconds: this.best(n) }));
  }

  /** Return what the next size is expected to take, in seconds. */
  expected(n) {
    const points = this.points();
    return points.length > 0 ? points[points.length - 1].seconds * factor(points, n) : 0;
  }

  /** Say whether size `n` is to be measured once more: short ones more often, long ones once. */
  wants(n, remaining) {
    const best = this.best(n);
    const often = this.spent.get(n).length < (best < SHORT_SECONDS ? BEST_OF_SHORT : BEST_OF);
    return often && best <= LONG_SECONDS && best * 1000 <= remaining() / 4;
  }

  /**
   * Return what size `n` takes: the best, unless the target remembers an input that it has seen.
   *
   * It does when the first run was far longer than the best and an input one larger, new to it, takes as long again.
   */
  async measured(n) {
    const best = this.best(n);
    const first = this.spent.get(n)[0];
    if (first <= REMEMBERED * best) return best;
    return (await measure(this.replay, n + 1)) > Math.sqrt(first * best) ? first : best;
  }
}

/** Return the curves to measure, warm: the proof, and its harmless form where that can be replayed. */
async function curvesOf(replay, beside, warmUp) {
  const curves = [new Curve('time', replay)];
  await measure(replay, warmUp);
  try {
    if (beside) {
      await beside.load();
      await measure(beside, warmUp);
      curves.push(new Curve('beside', beside));
    }
  } catch {
    // what is wrong with the harmless form, its own runs say
  }
  return curves;
}

/**
 * Measure all sizes, smallest first, as long as the time lasts; then again. The harmless form is measured by turns with
 * the proof, so that a burst of other work meets both, and all sizes, alike.
 *
 * @param {object} given
 * @param {ReturnType<import('./replay.js').makeReplay>} given.replay
 * @param {ReturnType<import('./replay.js').makeReplay>} [given.beside] the harmless form
 * @param {number[]} given.sizes
 * @param {() => number} given.remaining milliseconds left
 * @param {(record: object) => void} given.send
 */
async function measureGrowth({ replay, beside, sizes, remaining, send }) {
  const ordered = [...sizes].sort((one, other) => one - other);
  const curves = await curvesOf(replay, beside, Math.max(1, ordered[0] >> 1));
  const done = [];
  const fits = (n) => curves.reduce((sum, curve) => sum + curve.expected(n), 0) * 1000 <= remaining();
  const take = async (n) => {
    for (const curve of curves) {
      await curve.take(n);
      send({ t: curve.kind, n, seconds: curve.best(n) });
    }
    done.push(n);
  };
  const cut = await rise(ordered, { done, fits, take });
  if (cut === undefined) await further(curves[0], { fits, take });
  for (let round = 1; round < BEST_OF_SHORT; round += 1) {
    for (const n of done) {
      for (const curve of curves) if (curve.wants(n, remaining)) await curve.take(n);
    }
  }
  for (const curve of curves) {
    for (const n of done) send({ t: curve.kind, n, seconds: await curve.measured(n) });
  }
  if (cut !== undefined) send({ t: 'cut', n: cut });
}

/**
 * Measure every size once, until the next would pass the limit; return that one, if there is one. Before a leap that may
 * pass it, the sizes between tell what it will really take.
 */
async function rise(sizes, { done, fits, take }) {
  for (const n of sizes) {
    while (!fits(n) && done.length > 0 && n > LEAP * done[done.length - 1]) {
      const between = 2 * done[done.length - 1];
      if (!fits(between)) break;
      await take(between);
    }
    if (!fits(n)) return n;
    await take(n);
  }
  return undefined;
}

/** Go on with larger sizes where the last two take too little time to be told apart, but not nothing. */
async function further(curve, { fits, take }) {
  for (let more = 0; more < FURTHER; more += 1) {
    const points = curve.points();
    const [before, last] = points.slice(-2);
    if (points.length < 2 || last.seconds < FAINT_SECONDS || before.seconds >= CLEAR_SECONDS) return;
    const n = last.n + Math.max(1, Math.min(last.n, last.n - before.n, MOST - last.n));
    if (n > MOST || !fits(n)) return;
    await take(n);
  }
}

module.exports = { __proto__: null, measureGrowth };
