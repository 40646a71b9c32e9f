/*
 * Gives bytes to a harness that belongs to the target: a function, standard input, or one of its commands.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { Fault } = require('./faults.js');
const { streamOf } = require('./values.js');
const { placeFile } = require('./box.js');

const INPUT_NAME = 'input';

/**
 * Return `bytes` with our marks in it replaced.
 *
 * @param {Buffer} bytes
 * @param {string} token
 * @param {{absolute: string, relative: string, name: string}} canary
 * @returns {Buffer}
 */
function withMarks(bytes, token, canary) {
  const marks = {
    '@@TOKEN@@': token,
    '@@CANARY@@': canary.absolute,
    '@@CANARY:relative@@': canary.relative,
    '@@CANARY:name@@': canary.name,
  };
  let text = bytes.toString('latin1');
  for (const mark of Object.keys(marks))
    text = text.split(mark).join(Buffer.from(marks[mark], 'utf8').toString('latin1'));
  return Buffer.from(text, 'latin1');
}

/** Return the file of one of the target's commands. */
function commandFile(root, name) {
  const { bin, name: own } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const relative =
    typeof bin === 'string'
      ? name === own || name === String(own).replace(/^@.*\//, '')
        ? bin
        : undefined
      : (bin || {})[name];
  if (typeof relative !== 'string') throw new Fault('no-such-call', `the target has no command ${name}`);
  const file = path.join(root, relative);
  if (!file.startsWith(root + path.sep)) throw new Fault('leaves-target', `command ${name} lies outside the target`);
  return file;
}

/** The forms in which a function is given the input. */
const FORMS = {
  __proto__: null,
  bytes: (content) => content,
  path: (content, box) => placeFile(box, INPUT_NAME, content),
  stream: (content) => streamOf(content),
  text: (content) => content.toString('utf8'),
};

/**
 * Return the one step that an `input` proof is, as an act ready to be done; its module is loaded here.
 *
 * @param {object} given
 * @param {object} given.harness
 * @param {Buffer} given.content
 * @param {string} given.root folder of the target
 * @param {string} given.box
 * @param {ReturnType<import('./resolve.js').makeResolver>} given.resolver
 * @param {boolean} given.isNull
 * @returns {Promise<() => unknown>}
 */
async function inputAct({ harness, content, root, box, resolver, isNull }) {
  if (harness && typeof harness.call === 'string') {
    await resolver.load(harness.call);
    const { owner, value } = resolver.find(harness.call);
    if (typeof value !== 'function') throw new Fault('no-such-call', `${harness.call} is no function`);
    if (harness.stdin === true) return () => Reflect.apply(value, owner, []);
    const form = FORMS[harness.as === undefined ? 'bytes' : harness.as];
    if (form === undefined) throw new Fault('bad-document', 'harness "as" is bytes, text, path or stream');
    const given = form(content, box);
    return () => Reflect.apply(value, owner, [given]);
  }
  if (harness && typeof harness.bin === 'string') {
    if (isNull) return () => undefined;
    const file = commandFile(root, harness.bin);
    const given = placeFile(box, INPUT_NAME, content);
    const args = (harness.args || []).map((one) => (one === '$input' ? given : String(one)));
    process.argv = [process.execPath, file, ...args];
    return () => (file.endsWith('.mjs') ? import(`file://${file}`) : Module._load(file, null, true));
  }
  throw new Fault('unsupported', 'a node harness has "call" or "bin"');
}

module.exports = { __proto__: null, inputAct, withMarks };
