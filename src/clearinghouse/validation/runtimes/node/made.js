/*
 * What text the target turned into code, told by its form: two templates that differ in their texts look alike.
 *
 * Names count, for what a name means is up to the code; strings, numbers and regular expressions do not, for they are
 * values to it. Comments and white space are no code.
 */
'use strict';

const saved = require('./saved.js');
const { hashText } = require('./sha256.js');

const { append, charCodeAt, includes, indexOf, mapGet, mapHas, mapSet, slice } = saved;
const MOST = 200;
const MOST_TEXT = 2 * 1024 * 1024;
const BEFORE_PATTERN = {
  __proto__: null, case: 1, delete: 1, do: 1, else: 1, in: 1, instanceof: 1, new: 1, of: 1, return: 1, throw: 1,
  typeof: 1, void: 1, yield: 1, await: 1,
};

const isSpace = (code) => code <= 32 || code === 0xa0 || code === 0xfeff || code === 0x2028 || code === 0x2029;
const isDigit = (code) => code >= 48 && code <= 57;
const isName = (code) =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || isDigit(code) || code === 95 || code === 36 || code > 127;

/** Return the place behind a literal that begins at `at` and ends with `end`; a pattern's classes may hold the end. */
function behind(text, at, end) {
  let inClass = false;
  for (let i = at + 1; i < text.length; i += 1) {
    const one = text[i];
    if (one === '\\') i += 1;
    else if (end === '/' && one === '[') inClass = true;
    else if (end === '/' && one === ']') inClass = false;
    else if (one === end && !inClass) return i + 1;
    else if (end === '`' && one === '$' && text[i + 1] === '{') return i + 2;
    else if (one === '\n' && end !== '`') return i;
  }
  return text.length;
}

/**
 * Return the form of a script: its tokens, with one sign for each literal.
 *
 * @param {string} text
 */
function formOf(text) {
  const braces = [];
  let form = '';
  let last = '';
  let at = 0;
  const put = (token) => {
    form += `${token} `;
    last = token;
  };
  const template = (from) => {
    at = behind(text, from, '`');
    put('`');
    if (text[at - 1] === '{') append(braces, '`');
  };
  while (at < text.length) {
    const one = text[at];
    const code = charCodeAt(text, at);
    if (isSpace(code)) at += 1;
    else if (one === '/' && text[at + 1] === '/') at = endOf(text, '\n', at);
    else if (one === '/' && text[at + 1] === '*') at = endOf(text, '*/', at + 2);
    else if (one === '"' || one === "'") {
      at = behind(text, at, one);
      put('"');
    } else if (one === '`') template(at);
    else if (one === '}' && braces.length > 0 && braces[braces.length - 1] === '`') {
      braces.length -= 1;
      template(at);
    } else if (isDigit(code)) {
      while (at < text.length && (isName(charCodeAt(text, at)) || text[at] === '.')) at += 1;
      put('0');
    } else if (isName(code)) {
      const from = at;
      while (at < text.length && isName(charCodeAt(text, at))) at += 1;
      put(slice(text, from, at));
    } else if (one === '/' && patternMayStand(last)) {
      at = behind(text, at, '/');
      put('/0/');
    } else {
      if (one === '{') append(braces, '{');
      if (one === '}' && braces.length > 0) braces.length -= 1;
      put(one);
      at += 1;
    }
  }
  return form;
}

/** Return the place behind the next `end`. */
function endOf(text, end, at) {
  const found = indexOf(text, end, at);
  return found < 0 ? text.length : found + end.length;
}

/** Say whether a regular expression may stand behind a token; else a slash divides. */
function patternMayStand(last) {
  if (last === '') return true;
  if (last === ')' || last === ']' || last === '}' || last === '"' || last === '`' || last === '0') return false;
  return BEFORE_PATTERN[last] === 1 || !isName(charCodeAt(last, last.length - 1));
}

/**
 * Return what remembers the scripts that were made at run time.
 *
 * @param {string} token
 */
function makeMade(token) {
  const shapes = new Map();
  const whole = new Map();
  const byScript = new Map();
  const [listed, listedWhole] = [[], []];
  let left = MOST_TEXT;
  let carries = false;
  /** Return a text with another word for our token, which is new in every run. */
  const plain = (text) => {
    let [all, rest] = ['', text];
    for (let found = indexOf(rest, token); found >= 0; found = indexOf(rest, token)) {
      all += `${slice(rest, 0, found)}<token>`;
      rest = slice(rest, found + token.length);
    }
    return all + rest;
  };
  const list = (known, order, digest) => {
    if (mapHas(known, digest) || order.length >= MOST) return;
    mapSet(known, digest, true);
    append(order, digest);
  };
  return {
    __proto__: null,
    /** Note one script. */
    note(text) {
      const script = hashText(text);
      if (mapHas(byScript, script) || text.length > left) return;
      left -= text.length;
      const digest = hashText(plain(text));
      mapSet(byScript, script, digest);
      list(whole, listedWhole, digest);
      const form = formOf(text);
      carries = carries || includes(form, token);
      list(shapes, listed, hashText(plain(form)));
    },
    /** Return the digest of the script with an engine's hash; `made` where it is not known. */
    digestOf: (script) => (script && mapHas(byScript, script) ? mapGet(byScript, script) : 'made'),
    /** Say whether our token stands anywhere in them but in a literal. */
    carries: () => carries,
    record: () => ({ __proto__: null, t: 'made', shapes: listed, whole: listedWhole }),
  };
}

module.exports = { __proto__: null, formOf, makeMade };
