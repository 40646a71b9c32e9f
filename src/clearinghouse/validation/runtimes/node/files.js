/*
 * Sees files being read and changed: an act is one whose path, resolved as the kernel would, lies in the canary zone.
 */
'use strict';

const fs = require('fs');
const { wrap } = require('./hook.js');
const saved = require('./saved.js');

const { lastIndexOf, ownValue, slice, startsWith } = saved;

/** Functions of fs, without their `Sync` and promise twins: which arguments are paths, read (r) or changed (w). */
const TOUCHES = {
  __proto__: null,
  appendFile: 'w',
  chmod: 'w',
  chown: 'w',
  copyFile: 'rw',
  cp: 'rw',
  lchmod: 'w',
  lchown: 'w',
  link: 'rw',
  lutimes: 'w',
  mkdir: 'w',
  mkdtemp: 'w',
  openAsBlob: 'r',
  opendir: 'r',
  readFile: 'r',
  readdir: 'r',
  readlink: 'r',
  rename: 'ww',
  rm: 'w',
  rmdir: 'w',
  symlink: '-w',
  truncate: 'w',
  unlink: 'w',
  utimes: 'w',
  writeFile: 'w',
};
const STREAMS = { __proto__: null, ReadStream: 'r', WriteStream: 'w', createReadStream: 'r', createWriteStream: 'w' };
const WRITE_FLAGS = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC;

/** Return a path argument as text; empty when it is none. */
function pathText(value) {
  if (typeof value === 'string') return value;
  if (saved.isUint8Array(value)) {
    let path = '';
    for (let i = 0; i < saved.byteLength(value) && i < 8192; i += 1) path += String.fromCharCode(value[i]);
    return path;
  }
  if (value === null || typeof value !== 'object' || saved.isProxy(value)) return '';
  try {
    saved.hrefOf(value);
    return saved.fileURLToPath(value);
  } catch {
    return '';
  }
}

/** Say whether flags of `open` allow to write. */
function opensToWrite(flags) {
  if (typeof flags === 'number') return (flags & WRITE_FLAGS) !== 0;
  return typeof flags === 'string' && flags !== 'r' && flags !== 'rs' && flags !== 'sr';
}

/**
 * Install the hooks.
 *
 * @param {ReturnType<import('./hook.js').makeReporter>} reporter
 * @param {{zone: string, quiet: string[]}} places the canary zone, and read-only folders that cannot lead there
 */
function watchFiles(reporter, { zone, quiet }) {
  const inZone = (path) => path === zone || startsWith(path, `${zone}/`);

  /** Return the path as the kernel would find it: links followed as far as it exists. */
  const followed = (path) => {
    let head = path;
    let rest = '';
    for (let hops = 0; hops < 64 && head !== '/' && head !== ''; hops += 1) {
      try {
        const real = saved.realpathSync(head);
        return rest ? `${real}/${rest}` : real;
      } catch {
        const cut = lastIndexOf(head, '/');
        rest = rest ? `${slice(head, cut + 1)}/${rest}` : slice(head, cut + 1);
        head = slice(head, 0, cut);
      }
    }
    return path;
  };

  /** Return the path if it lies in the zone, else ''. */
  const touched = (value) => {
    const given = pathText(value);
    if (given === '') return '';
    const path = saved.resolvePath(given);
    if (inZone(path)) return path;
    for (let i = 0; i < quiet.length; i += 1) if (startsWith(path, quiet[i])) return '';
    const real = followed(path);
    return inZone(real) ? real : '';
  };

  const look = (event, kind, value, above) => {
    const path = touched(value);
    if (path) reporter.act(kind === 'w' ? 'file-write' : 'file-read', event, path, above);
  };

  const watch = (object, name, event, kinds) => {
    wrap(object, name, (args, _, above) => {
      for (let i = 0; i < kinds.length; i += 1) if (kinds[i] !== '-') look(event, kinds[i], args[i], above);
    });
  };

  for (const name of Object.keys(TOUCHES)) {
    watch(fs, name, `fs.${name}`, TOUCHES[name]);
    watch(fs, `${name}Sync`, `fs.${name}Sync`, TOUCHES[name]);
    watch(fs.promises, name, `fs.promises.${name}`, TOUCHES[name]);
  }
  for (const name of Object.keys(STREAMS)) {
    wrap(fs, name, (args, _, above) => {
      const flags = ownValue(args[1], 'flags');
      const kind = flags === undefined ? STREAMS[name] : opensToWrite(flags) ? 'w' : 'r';
      look(`fs.${name}`, kind, args[0], above);
    });
  }
  const opened = (event) => (args, _, above) => look(event, opensToWrite(args[1]) ? 'w' : 'r', args[0], above);
  wrap(fs, 'open', opened('fs.open'));
  wrap(fs, 'openSync', opened('fs.openSync'));
  wrap(fs.promises, 'open', opened('fs.promises.open'));
}

module.exports = { __proto__: null, watchFiles };
