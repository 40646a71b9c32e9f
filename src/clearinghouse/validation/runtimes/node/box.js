/*
 * The places of a run: the box it works in, the canary zone beside it, the files and the input it is given.
 *
 * Everything here happens before any foreign code and before any hook.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { Fault } = require('./faults.js');

/**
 * Make the box and the canary zone and go to the box.
 *
 * @param {string} work the folder in which both are made
 * @param {string} token
 * @param {string} detector for `file-read` the zone holds a file, else its leaf does not exist
 * @returns {{box: string, zone: string, canary: {absolute: string, relative: string, name: string}}}
 */
function makePlaces(work, token, detector) {
  const box = path.join(work, 'box');
  const zone = path.join(work, `zone-${token}`);
  const name = `leaf-${token}`;
  fs.mkdirSync(box, { recursive: true });
  fs.mkdirSync(zone, { recursive: true });
  if (detector === 'file-read') fs.writeFileSync(path.join(zone, name), `canary ${token}\n`);
  process.chdir(box);
  return { box, zone, canary: { absolute: path.join(zone, name), relative: `../zone-${token}/${name}`, name } };
}

/**
 * Write a file of the proof into the box.
 *
 * @param {string} box
 * @param {string} name relative path
 * @param {Buffer} content
 * @returns {string} its absolute path
 */
function placeFile(box, name, content) {
  const file = path.join(box, name);
  if (path.isAbsolute(name) || !file.startsWith(box + path.sep)) {
    throw new Fault('bad-document', `setup file ${JSON.stringify(name)} lies outside the working directory`);
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  return file;
}

/**
 * Make `content` what this process reads from standard input, by whatever way it reads it.
 *
 * @param {string} work a folder outside the box
 * @param {Buffer} content
 */
function giveStdin(work, content) {
  const file = path.join(work, '.stdin');
  fs.writeFileSync(file, content);
  fs.closeSync(0);
  const fd = fs.openSync(file, 'r');
  fs.unlinkSync(file);
  if (fd !== 0) throw new Fault('unsupported', 'standard input cannot be replaced here');
}

module.exports = { __proto__: null, giveStdin, makePlaces, placeFile };
