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

/**
 * Return what size `n` takes: the best of three, or of seven where that is short, unless the target remembers an input that it has seen.
 *
 * It does when the first run was far longer than the best and an input one larger, new to it, takes as long again.
 */
async function measureSize(replay, n, remaining) {
  const first = await measure(replay, n);
  let best = first;
  for (let again = 1; again < (best < SHORT_SECONDS ? BEST_OF_SHORT : BEST_OF); again += 1) {
    if (best > LONG_SECONDS || best * 1000 > remaining() / 4) break;
    best = Math.min(best, await measure(replay, n));
  }
  if (first <= REMEMBERED * best) return best;
  return (await measure(replay, n + 1)) > Math.sqrt(first * best) ? first : best;
}

/**
 * Measure all sizes, smallest first, as long as the time lasts.
 *
 * @param {object} given
 * @param {ReturnType<import('./replay.js').makeReplay>} given.replay
 * @param {number[]} given.sizes
 * @param {() => number} given.remaining milliseconds left
 * @param {(record: object) => void} given.send
 */
async function measureGrowth({ replay, sizes, remaining, send }) {
  const ordered = [...sizes].sort((one, other) => one - other);
  await measure(replay, Math.max(1, ordered[0] >> 1));
  const points = [];
  for (const n of ordered) {
    const last = points[points.length - 1];
    if (last && last.seconds * factor(points, n) * 1000 > remaining()) {
      send({ t: 'cut', n });
      return;
    }
    const seconds = await measureSize(replay, n, remaining);
    points.push({ n, seconds });
    send({ t: 'time', n, seconds });
  }
}

module.exports = { __proto__: null, measureGrowth };
