/*
 * The way out: one record a line, each under an HMAC over its number and text, written at once.
 *
 * The key lives in one closure. The descriptor may be found by whoever looks for it; what is written there without
 * the key does not verify, and a line that is missing or out of order is seen by the reader.
 */
'use strict';

const {
  charCodeAt,
  dataOf,
  getOwnPropertyDescriptor,
  isArray,
  ownKeys,
  slice,
  stringify,
  text,
  writeSync,
} = require('./saved.js');
const { hex, hmacWith } = require('./sha256.js');

const HEX = '0123456789abcdef';

/** Return a string as JSON in ASCII. */
function asciiString(value) {
  const json = stringify(value);
  let plain = true;
  for (let i = 0; i < json.length && plain; i += 1) plain = charCodeAt(json, i) < 0x7f;
  if (plain) return json;
  let ascii = '';
  for (let i = 0; i < json.length; i += 1) {
    const code = charCodeAt(json, i);
    ascii +=
      code < 0x7f ? json[i] : `\\u${HEX[code >> 12]}${HEX[(code >> 8) & 15]}${HEX[(code >> 4) & 15]}${HEX[code & 15]}`;
  }
  return ascii;
}

/**
 * Return compact ASCII JSON of plain data, reading own properties only; whatever is not data becomes null.
 *
 * @param {unknown} value
 * @returns {string}
 */
function encode(value) {
  if (typeof value === 'string') return asciiString(value);
  if (typeof value === 'number') return value - value === 0 ? text(value) : 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null || typeof value !== 'object') return 'null';
  let inside = '';
  if (isArray(value)) {
    for (let i = 0; i < value.length; i += 1)
      inside += `${i ? ',' : ''}${encode(dataOf(getOwnPropertyDescriptor(value, i)))}`;
    return `[${inside}]`;
  }
  const keys = ownKeys(value);
  for (let i = 0; i < keys.length; i += 1) {
    const found = getOwnPropertyDescriptor(value, keys[i]);
    const item = dataOf(found);
    if (typeof keys[i] !== 'string' || !found.enumerable || item === undefined) continue;
    inside += `${inside ? ',' : ''}${asciiString(keys[i])}:${encode(item)}`;
  }
  return `{${inside}}`;
}

/** Return the bytes of an ASCII text. */
function ascii(value) {
  const bytes = new Uint8Array(value.length);
  for (let i = 0; i < value.length; i += 1) bytes[i] = charCodeAt(value, i);
  return bytes;
}

/** Return the bytes of a hex text. */
function unhex(value) {
  const bytes = new Uint8Array(value.length >> 1);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(value[2 * i] + value[2 * i + 1], 16);
  return bytes;
}

/** Write all bytes, waiting where the pipe is full. */
function writeAll(fd, bytes) {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, null);
    } catch (failure) {
      if (failure.code !== 'EAGAIN') throw failure;
    }
  }
}

/**
 * Open the channel and return the function that sends a record.
 *
 * A record is an object of plain data with a `t`. After the record `end` nothing is sent any more.
 *
 * @param {number} fd where the records go
 * @param {string} key hex
 * @returns {(record: object) => void}
 */
function openChannel(fd, key) {
  const mac = hmacWith(unhex(key));
  let number = 0;
  let closed = false;
  return (record) => {
    if (closed) return;
    const json = encode(record);
    const line = ascii(`${hex(mac(ascii(`${number} ${json}`)))} ${json}\n`);
    number += 1;
    closed = record.t === 'end';
    writeAll(fd, line);
  };
}

/**
 * Return at most `limit` characters of a text; if `keep` occurs later, the part around it.
 *
 * @param {string} value
 * @param {number} limit
 * @param {number} [at] position that must stay visible
 */
function clip(value, limit, at = 0) {
  if (value.length <= limit) return value;
  const from = at < limit / 2 ? 0 : at - (limit >> 2);
  return slice(value, from, from + limit);
}

module.exports = { __proto__: null, clip, encode, openChannel };
