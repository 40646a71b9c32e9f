/*
 * Prints every script below a folder anew from its tokens and tree: `node --expose-internals print.js <folder> <goal> <seconds>`.
 *
 * Runs inside the sandbox; nothing of the package is executed. The parser is the one that the platform brings with it,
 * so what it reads is what this Node runs. Comments go, every line is laid out anew, and a semicolon stands where one
 * was left out. A script that cannot be printed, or whose print is not the same tree, is left out and so stays as it is.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const acorn = require('internal/deps/acorn/acorn/dist/acorn');

const ENDS = new Set([
  'BreakStatement', 'ContinueStatement', 'DebuggerStatement', 'DoWhileStatement', 'ExportAllDeclaration',
  'ExpressionStatement', 'ImportDeclaration', 'PropertyDefinition', 'ReturnStatement', 'ThrowStatement',
]);
const OPTIONS = { ecmaVersion: 'latest', allowHashBang: true };

/** Return tree and tokens of a text, as a script or else as a module; nothing when it is neither. */
function parse(text, isModule) {
  for (const sourceType of isModule ? ['module'] : ['script', 'module']) {
    const tokens = [];
    try {
      const tree = acorn.parse(text, {
        ...OPTIONS,
        allowReturnOutsideFunction: sourceType === 'script',
        sourceType,
        onToken: (token) => tokens.push({ kind: token.type.label, start: token.start, end: token.end }),
      });
      return { tree, tokens, isModule: sourceType === 'module' };
    } catch {
      // The other kind, or none.
    }
  }
  return undefined;
}

/** Say whether a node must end with a semicolon. */
function isEnded(node, parent, key) {
  if (ENDS.has(node.type)) return true;
  if (node.type === 'VariableDeclaration') return !(parent && /^For/.test(parent.type) && key !== 'body');
  if (node.type === 'ExportNamedDeclaration') return !node.declaration;
  return node.type === 'ExportDefaultDeclaration' && !/^(Function|Class)Declaration$/.test(node.declaration.type);
}

/** Return the places at which a semicolon was left out. */
function missingEnds(tree, text) {
  const found = new Set();
  const waiting = [[tree, undefined, '']];
  while (waiting.length > 0) {
    const [node, parent, key] = waiting.pop();
    if (isEnded(node, parent, key) && text[node.end - 1] !== ';') found.add(node.end);
    for (const name of Object.keys(node)) {
      for (const inner of Array.isArray(node[name]) ? node[name] : [node[name]]) {
        if (inner && typeof inner.type === 'string') waiting.push([inner, node, name]);
      }
    }
  }
  return found;
}

/** Say whether a token is the raw text of a template, beside which nothing may be put. */
const isRaw = (token) => token !== undefined && /template$/i.test(token.kind);

/** Return the tokens laid out anew. */
function layOut(text, { tokens, tree }) {
  const ends = missingEnds(tree, text);
  const parts = text.startsWith('#!') ? [`${text.split('\n', 1)[0]}\n`] : [];
  let depth = 0;
  for (let at = 0; at < tokens.length && tokens[at].kind !== 'eof'; at += 1) {
    const { kind, start, end } = tokens[at];
    if (kind === '{' || kind === '${') depth += 1;
    if (kind === '}') depth -= 1;
    parts.push(text.slice(start, end));
    if (ends.has(end)) parts.push(';\n');
    else if (isRaw(tokens[at]) || isRaw(tokens[at + 1])) continue;
    else parts.push(kind === ';' || kind === '{' || kind === '}' ? `\n${' '.repeat(depth)}` : ' ');
  }
  return `${parts.join('')}\n`;
}

/** Say whether two trees are the same but for where their parts stand. */
function isSame(one, other) {
  const waiting = [[one, other]];
  while (waiting.length > 0) {
    const [a, b] = waiting.pop();
    if (a === b || (a instanceof RegExp && b instanceof RegExp)) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (key !== 'start' && key !== 'end') waiting.push([a[key], b[key]]);
    }
  }
  return true;
}

/** Return a script's text printed anew; nothing when that is not possible. */
function printed(text, isModule) {
  try {
    const parsed = parse(text, isModule);
    const anew = parsed && layOut(text, parsed);
    const again = anew && parse(anew, parsed.isModule);
    return again && again.isModule === parsed.isModule && isSame(parsed.tree, again.tree) ? anew : undefined;
  } catch {
    return undefined; // nested too deep for the parser
  }
}

/** Print what lies below a folder. */
function main(start, goal, seconds) {
  const until = Date.now() + seconds * 1000;
  const waiting = [''];
  while (waiting.length > 0) {
    const inside = waiting.pop();
    for (const entry of fs.readdirSync(path.join(start, inside), { withFileTypes: true })) {
      const name = path.join(inside, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') waiting.push(name);
      if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) continue;
      if (Date.now() > until) process.exit(3);
      const bytes = fs.readFileSync(path.join(start, name));
      const text = bytes.toString('utf8');
      if (!Buffer.from(text, 'utf8').equals(bytes)) continue;
      const anew = printed(text.replace(/^\uFEFF/, ''), entry.name.endsWith('.mjs'));
      if (anew === undefined || anew === text) continue;
      fs.mkdirSync(path.dirname(path.join(goal, name)), { recursive: true });
      fs.writeFileSync(path.join(goal, name), anew);
    }
  }
}

main(process.argv[2], process.argv[3], Number(process.argv[4]));
