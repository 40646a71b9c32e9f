/*
 * SHA-256 and HMAC-SHA256 with nothing but arithmetic, so that no code beside us can listen in or answer for them.
 *
 * Source: FIPS 180-4 sections 4.1.2, 5.3.3 and 6.2; FIPS 198-1.
 */
'use strict';

const { charCodeAt } = require('./saved.js');

const BLOCK = 64;
const ROUND = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const HEX = '0123456789abcdef';

/** Mix one block of 16 words, already in `w`, into `h`. */
function mix(h, w) {
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = h[0];
  let b = h[1];
  let c = h[2];
  let d = h[3];
  let e = h[4];
  let f = h[5];
  let g = h[6];
  let k = h[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (k + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    k = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  h[0] = (h[0] + a) | 0;
  h[1] = (h[1] + b) | 0;
  h[2] = (h[2] + c) | 0;
  h[3] = (h[3] + d) | 0;
  h[4] = (h[4] + e) | 0;
  h[5] = (h[5] + f) | 0;
  h[6] = (h[6] + g) | 0;
  h[7] = (h[7] + k) | 0;
}

/**
 * Return the SHA-256 of `first` followed by the first `length` bytes of `second`.
 *
 * @param {Uint8Array} first
 * @param {Uint8Array} [second]
 * @param {number} [length]
 * @returns {Uint8Array} 32 bytes
 */
function sha256(first, second = new Uint8Array(0), length = second.length) {
  const h = new Int32Array(8);
  for (let i = 0; i < 8; i += 1) h[i] = START[i];
  const w = new Int32Array(64);
  const size = first.length + length;
  const padded = ((size + 8) >>> 6) + 1;
  for (let block = 0; block < padded; block += 1) {
    for (let word = 0; word < 16; word += 1) {
      let value = 0;
      for (let byte = 0; byte < 4; byte += 1) {
        const at = block * BLOCK + word * 4 + byte;
        let octet = 0;
        if (at < first.length) octet = first[at];
        else if (at < size) octet = second[at - first.length];
        else if (at === size) octet = 0x80;
        value = (value << 8) | octet;
      }
      w[word] = value;
    }
    if (block === padded - 1) {
      w[14] = Math.floor(size / 0x20000000);
      w[15] = (size << 3) | 0;
    }
    mix(h, w);
  }
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) digest[i] = (h[i >> 2] >>> (24 - (i & 3) * 8)) & 0xff;
  return digest;
}

/**
 * Return a function that makes HMAC-SHA256 with `key`; the key itself stays inside.
 *
 * @param {Uint8Array} key at most 64 bytes
 * @returns {(message: Uint8Array) => Uint8Array}
 */
function hmacWith(key) {
  const inner = new Uint8Array(BLOCK);
  const outer = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i += 1) {
    const octet = i < key.length ? key[i] : 0;
    inner[i] = octet ^ 0x36;
    outer[i] = octet ^ 0x5c;
  }
  return (message) => sha256(outer, sha256(inner, message));
}

/** Return the lower-case hex of bytes. */
function hex(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 1) text += HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
  return text;
}

/**
 * Return the UTF-8 bytes of a text; a lone surrogate becomes U+FFFD.
 *
 * @param {string} text
 * @returns {Uint8Array}
 */
function utf8(text) {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    let code = charCodeAt(text, i);
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = i + 1 < text.length ? charCodeAt(text, i + 1) : 0;
      if (code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        i += 1;
      } else {
        code = 0xfffd;
      }
    }
    if (code < 0x80) {
      bytes[at++] = code;
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 63);
      bytes[at++] = 0x80 | (code & 63);
    } else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 63);
      bytes[at++] = 0x80 | ((code >> 6) & 63);
      bytes[at++] = 0x80 | (code & 63);
    }
  }
  const exact = new Uint8Array(at);
  for (let i = 0; i < at; i += 1) exact[i] = bytes[i];
  return exact;
}

/**
 * Return the hex SHA-256 of a text's UTF-8.
 *
 * @param {string} text
 */
const hashText = (text) => hex(sha256(utf8(text)));

module.exports = { __proto__: null, hashText, hex, hmacWith, sha256, utf8 };
