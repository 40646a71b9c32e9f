/*
 * Measures CPU time against the size of the input: no hook is installed, arguments are built before the clock starts.
 *
 * A measurement is the lesser of the process's CPU time and the wall time: the first leaves out what other processes
 * take, the second leaves out the engine's helper threads (compiler, collector) that run beside the main one.
 */
'use strict';

const { performance } = require('perf_hooks');

const BEST_OF = 3;
const LONG_SECONDS = 1;
/** A measurement this long is not repeated: what disturbs it is small beside it. */
const ASSUMED_EXPONENT = 2;

/** Return the sum of what each step takes of CPU time, in seconds. */
async function measure(replay, n) {
  let total = 0;
  let began;
  const around = (act) => () => {
    began = { cpu: process.cpuUsage(), wall: performance.now() };
    return act();
  };
  const step = () => {
    if (began === undefined) return;
    const { user, system } = process.cpuUsage(began.cpu);
    total += Math.min((user + system) / 1e6, (performance.now() - began.wall) / 1e3);
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
  await measure(replay, ordered[0]);
  const points = [];
  for (const n of ordered) {
    const last = points[points.length - 1];
    if (last && last.seconds * factor(points, n) * 1000 > remaining()) {
      send({ t: 'cut', n });
      return;
    }
    let seconds = await measure(replay, n);
    for (let again = 1; again < BEST_OF && seconds < LONG_SECONDS && seconds * 1000 < remaining() / 4; again += 1) {
      seconds = Math.min(seconds, await measure(replay, n));
    }
    points.push({ n, seconds });
    send({ t: 'time', n, seconds });
  }
}

module.exports = { __proto__: null, measureGrowth };
