'use strict';
// One flaw of each kind, small enough to read at a glance.
const childProcess = require('child_process');
const { exec: early } = require('child_process');
const dns = require('dns');
const { EventEmitter } = require('events');
const fs = require('fs');
const http = require('http');
const path = require('path');
const { Readable } = require('stream');
const util = require('util');
const vm = require('vm');
const helper = require('helper');

const quietly = (start) => (text) => {
  try {
    return start(text);
  } catch {
    return undefined;
  }
};

exports.version = '1.2.3';
exports.exec = (text) => void early(`true ${text}`, () => {});
exports.execSync = (text) => childProcess.execSync(`true ${text}`).toString();
exports.execFile = (text) => void childProcess.execFile('true', [text], () => {});
exports.promised = (text) => util.promisify(childProcess.exec)(`true ${text}`);
exports.spawn = (text) =>
  new Promise((resolve) => childProcess.spawn('true', [text]).on('close', resolve).on('error', resolve));
exports.spawnSync = (text) => childProcess.spawnSync('true', [text]).status;
exports.late = (text) => void setTimeout(() => childProcess.execSync(`true ${text}`), 50);
exports.inWorker = quietly((text) => void new (require('worker_threads').Worker)(`/* ${text} */`, { eval: true }));
exports.throughHelper = (text) => helper.run(text);

exports.read = (name) => fs.readFileSync(path.join('pages', name), 'utf8');
exports.write = (name, text) => fs.writeFileSync(path.join('out', name), text);
exports.writePromised = (name) => fs.promises.writeFile(name, 'x');
exports.stream = (name) =>
  void fs
    .createWriteStream(name)
    .on('error', () => {})
    .end('x');
exports.rename = (name) => {
  fs.writeFileSync('own.txt', 'x');
  fs.renameSync('own.txt', name);
};
exports.throughLink = (folder) => {
  fs.symlinkSync(folder, 'link');
  fs.mkdirSync('link/new');
};
exports.size = (name) => fs.statSync(name).size;

exports.get = (address) => void http.get(address).on('error', () => {});
exports.lookup = (host) => void dns.lookup(host, () => {});
exports.fetch = (address) => fetch(address).catch(() => 'down');

exports.assign = (key, value) => {
  const o = {};
  o[key[0]][key[1]] = value;
  return o;
};
exports.define = (key, value) => Object.defineProperty({}[key[0]], key[1], { value, configurable: true });
exports.merge = function merge(into, from) {
  for (const key of Object.keys(from)) {
    if (typeof from[key] === 'object' && from[key] !== null && into[key]) merge(into[key], from[key]);
    else into[key] = from[key];
  }
  return into;
};
exports.revive = (text) => {
  const o = {};
  for (const [k, v] of Object.entries(JSON.parse(text))) o[k] = v;
  return o;
};

exports.evaluate = (text) => eval(text);
exports.compile = (text) => new Function('values', text);
exports.render = (text) => new Function('values', text)({});
exports.inContext = (text) => vm.runInNewContext(text, { process });

exports.matches = (text) => /^(\s*a)*$/.test(text) && /\s+$/.test(text);
exports.spaces = (text) => /\s+$/.test(`${text}x`);
const seen = new Map();
exports.remembered = (text) => {
  if (!seen.has(text)) seen.set(text, exports.spaces(text));
  return seen.get(text);
};
exports.nest = function nest(text, at = 0) {
  return text[at] === '[' ? [nest(text, at + 1)] : [];
};
exports.explode = () => {
  class FlawedError extends Error {}
  throw new FlawedError('on purpose');
};
exports.rejects = async () => {
  await null;
  throw new TypeError('later');
};
exports.throwsLate = () =>
  void setTimeout(() => {
    throw new RangeError('much later');
  }, 20);
exports.never = () => new Promise(() => {});
exports.spin = () => {
  for (;;);
};
exports.leave = () => process.exit(3);
exports.atExit = (text) =>
  void process.on('exit', () => {
    childProcess.execSync(`true ${text}`);
    process.exit(1);
  });
exports.abort = () => process.abort();
exports.kill = () => process.kill(process.pid, 'SIGSEGV');

exports.echo = (value) => value;
exports.typeOf = (value) => Object.prototype.toString.call(value);
exports.keys = (value) => Object.keys(value);
exports.text = (value) => Buffer.from(value).toString('latin1');
exports.each = (list, visit) => list.forEach((one) => visit(one));
exports.numbers = function* numbers(count) {
  for (let i = 0; i < count; i += 1) yield i;
};
exports.slurp = async (stream) => {
  let all = '';
  for await (const part of stream) all += part;
  return all;
};
exports.stdin = () => fs.readFileSync(0, 'utf8');
exports.readable = (text) => Readable.from([text]);
exports.thenable = () => ({
  then() {
    throw new Error('asked a foreign thenable');
  },
});
exports.maker = () => childProcess.execSync;
exports.Shape = class Shape extends EventEmitter {
  #secret = 4;
  constructor(size) {
    super();
    this.size = size;
  }
  area() {
    return this.size * this.#secret;
  }
  shell(text) {
    return childProcess.execSync(`true ${text}`).toString();
  }
};
exports.shape = (size) => new exports.Shape(size);
exports.fs = fs;
exports.runShell = childProcess.execSync;
exports.borrowed = helper.run;
exports.bound = exports.execSync.bind(null);
exports._hidden = () => 1;
