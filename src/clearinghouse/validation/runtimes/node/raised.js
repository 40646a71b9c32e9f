/*
 * Says of something thrown what it is, where it was made and whose doing it is.
 */
'use strict';

const { textOf, typeOf } = require('./faults.js');
const { sitesOf } = require('./stack.js');

const PRINTED = /^\s+at (?:async )?(?:(.*?) \()?((?:file:\/\/|node:|\/)?[^():]+):(\d+):\d+\)?$/;
const MAX_FRAMES = 40;

/** Return frames from a stack that was already printed: no script to check, so they count only where no finder is. */
function printedFrames(printed, blame, deps) {
  const frames = [];
  for (const line of printed.split('\n')) {
    const match = PRINTED.exec(line);
    if (!match || frames.length === MAX_FRAMES) continue;
    const file = match[2].startsWith('file://') ? decodeURIComponent(match[2].slice(7)) : match[2];
    const owner = file.startsWith('/') ? blame.ownerOfPath(file) : 'library';
    if (owner === 'runner') continue;
    const module = file.startsWith(`${deps}/`) ? file.slice(deps.length + 1).replace(/\.js$/, '') : file;
    frames.push({ owner, module, function: match[1] || '<anonymous>', file, line: Number(match[3]) });
  }
  return frames;
}

/** Return who is to blame by printed frames alone. */
function blamedByPrint(frames, guarded) {
  if (guarded) return 'unknown';
  const first = frames.find((frame) => frame.owner !== 'library');
  return first ? first.owner : 'unknown';
}

/**
 * Return the record of something thrown.
 *
 * @param {unknown} thrown
 * @param {object} given
 * @param {ReturnType<import('./blame.js').makeBlame>} given.blame
 * @param {string} given.deps
 * @param {(scripts: string[]) => string[]} given.digests of what the target made code of and was running
 * @param {number | null} given.step
 * @returns {object}
 */
function raiseRecord(thrown, { blame, deps, digests, step }) {
  const { sites, printed } = sitesOf(thrown);
  const found = sites ? blame.walk(sites) : { frames: printedFrames(printed, blame, deps) };
  const blamed = found.blamed || blamedByPrint(found.frames, blame.guarded);
  const type = typeOf(thrown);
  const native = typeof globalThis[type] === 'function' && /Error$/.test(type);
  const record = { t: 'raise', type, module: native ? 'builtins' : '', blamed, frames: found.frames, leaves: true };
  record.text = textOf(thrown).slice(0, 200);
  if (!blame.guarded && found.acting) record.made = digests(found.acting);
  if (step !== null) record.step = step;
  return record;
}

module.exports = { __proto__: null, raiseRecord };
