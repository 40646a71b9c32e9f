/*
 * Whose code a stack frame runs, and who is to blame for what the innermost frames did.
 *
 * Names can be forged (a script may be given any file name), so where finder's code runs beside us a frame counts as
 * the target's, the platform's or ours only if the hash of its script is that of the file (or built-in) it names.
 * Code made at run time belongs to whoever made it: the hooks tell us by the hash of its text.
 */
'use strict';

const saved = require('./saved.js');
const { hashText, hex, sha256 } = require('./sha256.js');
const { site } = require('./stack.js');

const { append, includes, indexOf, lastIndexOf, mapGet, mapHas, mapSet, natives, slice, startsWith } = saved;
const MAX_FRAMES = 40;
const DIRECT_EVAL = /^eval at ([^()/]*) \((?:file:\/\/)?(\/[^()]*):(\d+):(\d+)\)$/;
const INNERMOST_PLACE = /\((?:file:\/\/)?(\/[^()]*):\d+:\d+\)/;

/** Return the hash of a file's text as the engine sees it, or '' when it cannot be read. */
function hashOfFile(path) {
  try {
    const bytes = saved.readFileSync(path);
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    const exact = new Uint8Array(bytes.length - mark);
    for (let i = 0; i < exact.length; i += 1) exact[i] = bytes[i + mark];
    return hex(sha256(exact));
  } catch {
    return '';
  }
}

/** Return a path without the `file://` of ES modules. */
function plainPath(file) {
  if (!startsWith(file, 'file://')) return file;
  try {
    return saved.fileURLToPath(file);
  } catch {
    return file;
  }
}

/**
 * Return the judge of frames for one run.
 *
 * @param {object} places absolute folders, without a slash at the end
 * @param {string} places.root of the target
 * @param {string} places.deps of all packages
 * @param {string} places.runner of ourselves
 * @param {boolean} guarded whether finder's code runs in this process
 */
function makeBlame(places, guarded) {
  const makers = new Map();
  const hashes = new Map();
  const inside = (path, folder) => startsWith(path, `${folder}/`);

  /** Say whether the frame's script is the text of `key`, hashed by `read` once. */
  const genuine = (frame, key, read) => {
    if (!guarded || !site.hasHash) return true;
    if (!mapHas(hashes, key)) mapSet(hashes, key, read());
    const expected = mapGet(hashes, key);
    return expected !== '' && site.hash(frame) === expected;
  };

  /** Return the owner of a path by its place alone. */
  const ownerOfPath = (path) => {
    if (inside(path, places.runner)) return 'runner';
    if (inside(path, places.root) && !inside(path, `${places.root}/node_modules`)) return 'target';
    if (inside(path, places.deps) || inside(path, places.root)) return 'dependency';
    return 'finder';
  };

  /** Return who wrote a direct eval, by the place that its origin names. */
  const ownerOfEval = (origin) => {
    const strict = saved.match(DIRECT_EVAL, origin);
    if (!guarded) {
      const loose = strict ? strict[2] : (saved.match(INNERMOST_PLACE, origin) || ['', ''])[1];
      const owner = loose ? ownerOfPath(loose) : 'target';
      return owner === 'runner' ? 'target' : owner; // Made through a wrapper of ours, before Node 20.
    }
    if (!strict) return 'unknown';
    const owner = ownerOfPath(strict[2]);
    if (owner !== 'target' && owner !== 'dependency') return owner === 'runner' ? 'unknown' : owner;
    return evalStandsAt(strict[2], Number(strict[3]), Number(strict[4])) ? owner : 'unknown';
  };

  /** Return `{owner, made}` of a frame; `made` for code that was text before. */
  const classify = (frame) => {
    const hash = site.hash(frame);
    if (hash && mapHas(makers, hash)) return { owner: mapGet(makers, hash), made: true };
    const file = site.file(frame);
    if (site.isEval(frame)) {
      const origin = site.evalOrigin(frame);
      return { owner: ownerOfEval(typeof origin === 'string' ? origin : ''), made: true };
    }
    if (typeof file !== 'string' || file === '') return { owner: hash ? 'unknown' : 'library', made: false };
    const name = startsWith(file, 'node:') ? slice(file, 5) : endsCut(file, '.js');
    if (startsWith(file, 'node:') || startsWith(file, 'internal/') || typeof natives[name] === 'string') {
      const real = genuine(frame, file, () => (typeof natives[name] === 'string' ? hashText(natives[name]) : ''));
      return { owner: real ? 'library' : 'unknown', made: false };
    }
    const path = plainPath(file);
    if (!startsWith(path, '/')) return { owner: guarded ? 'unknown' : 'target', made: !guarded };
    const owner = ownerOfPath(path);
    const real = owner === 'finder' || genuine(frame, path, () => hashOfFile(path));
    return { owner: real ? owner : 'unknown', made: false };
  };

  /** Return a frame as it goes into a record. */
  const told = (frame, owner, made) => {
    const file = plainPath(site.file(frame) || site.evalOrigin(frame) || '');
    return {
      __proto__: null,
      owner,
      module: made ? '<code>' : moduleOf(file, places.deps),
      function: site.name(frame) || '<anonymous>',
      file: slice(file, 0, 300),
      line: site.line(frame) || 0,
    };
  };

  /**
   * Walk from the innermost frame outwards and say who is to blame.
   *
   * @param {NodeJS.CallSite[]} sites
   */
  const walk = (sites) => {
    const frames = [];
    let blamed = '';
    let made = '';
    let throughDependency = false;
    let replayed = false;
    const acting = [];
    for (let i = 0; i < sites.length; i += 1) {
      const { owner, made: dynamic } = classify(sites[i]);
      if (dynamic && (owner === 'target' || owner === 'dependency')) append(acting, site.hash(sites[i]) || '');
      if (frames.length < MAX_FRAMES && owner !== 'runner') append(frames, told(sites[i], owner, dynamic));
      if (blamed || owner === 'library') continue;
      if (owner === 'runner') {
        replayed = replayed || isReplay(sites[i], places.runner);
      } else if (dynamic && (owner === 'target' || owner === 'dependency')) {
        made = made || owner;
      } else if (owner === 'dependency') {
        throughDependency = true;
      } else if (owner === 'target') {
        blamed = 'target';
      } else {
        blamed = owner;
      }
    }
    if (!blamed && !guarded && (throughDependency || made)) blamed = throughDependency ? 'dependency' : made;
    if (!blamed) blamed = replayed ? 'runner' : 'unknown';
    return { __proto__: null, acting, blamed, frames, made };
  };

  return {
    __proto__: null,
    classify,
    guarded,
    ownerOfPath,
    walk,
    /** Remember who made the code with this script text; two makers of one text count as the less trusted. */
    remember(text, owner) {
      const hash = hashText(text);
      const trusted = owner === 'target' || owner === 'dependency';
      if (!mapHas(makers, hash) || !trusted) mapSet(makers, hash, owner);
    },
    /** Say whether the platform's own module loader is the direct caller. */
    byLoader(sites) {
      const file = sites.length > 0 ? site.file(sites[0]) : undefined;
      if (typeof file !== 'string' || classify(sites[0]).owner !== 'library') return false;
      return startsWith(file, 'node:internal/modules/') || startsWith(file, 'internal/modules/');
    },
    /** Return the owner of the nearest frame that is neither the platform's nor ours, and whether it was code from text. */
    caller(sites) {
      for (let i = 0; i < sites.length; i += 1) {
        const found = classify(sites[i]);
        if (found.owner !== 'library' && found.owner !== 'runner') return found.owner;
      }
      return 'unknown';
    },
    /** Say whether the nearest frame that is not the platform's is ours: one wrapped function called another. */
    nested(sites) {
      for (let i = 0; i < sites.length; i += 1) {
        const { owner } = classify(sites[i]);
        if (owner !== 'library') return owner === 'runner' && !isReplay(sites[i], places.runner);
      }
      return false;
    },
    /** Say whether every frame is the platform's: what a stream or timer of its own does later. */
    onlyLibrary(sites) {
      for (let i = 0; i < sites.length; i += 1) if (classify(sites[i]).owner !== 'library') return false;
      return true;
    },
  };
}

/** Say whether a frame is the place where the runner calls into the target. */
function isReplay(frame, runner) {
  const file = site.file(frame);
  return file === `${runner}/replay.js` || file === `${runner}/input.js`;
}

/** Say whether the text at a place of a file is a call of eval. */
function evalStandsAt(path, line, column) {
  try {
    const source = saved.readFileSync(path, 'utf8');
    let at = 0;
    for (let i = 1; i < line; i += 1) at = indexOf(source, '\n', at) + 1;
    return includes(slice(source, at + column - 1, at + column + 40), 'eval');
  } catch {
    return false;
  }
}

/** Return a name without its ending. */
const endsCut = (name, end) =>
  slice(name, name.length - end.length) === end ? slice(name, 0, name.length - end.length) : name;

/** Return the short name of a file: below the packages without its ending, else its last part. */
function moduleOf(file, deps) {
  if (startsWith(file, `${deps}/`)) return endsCut(slice(file, deps.length + 1), '.js');
  if (startsWith(file, 'node:') || !includes(file, '/')) return file;
  return endsCut(slice(file, lastIndexOf(file, '/') + 1), '.js');
}

module.exports = { __proto__: null, makeBlame, scriptOf: (made) => `(${saved.functionText(made)})` };
