/*
 * Says what the conditions of scripts ask for, and what outlives the calls that write it: `node --expose-internals survey.js FILE…`.
 *
 * Runs inside the sandbox; nothing of the scripts is executed. The parser is the one that the platform brings with it.
 * The answer is JSON on standard output. `known` are the names of the language itself, of all that is global.
 */
'use strict';

const fs = require('fs');
const acorn = require('internal/deps/acorn/acorn/dist/acorn');

const ASKS = new Set([
  'includes', 'indexOf', 'lastIndexOf', 'startsWith', 'endsWith', 'match', 'matchAll', 'search', 'test', 'exec', 'has',
  'hasOwnProperty', 'hasOwn', 'get', 'localeCompare', 'equals', 'propertyIsEnumerable', 'RegExp',
]);
const CHANGES = new Set([
  'push', 'pop', 'shift', 'unshift', 'splice', 'add', 'set', 'delete', 'clear', 'next', 'fill', 'append', 'write',
]);
const EQUAL = new Set(['==', '===', '!=', '!==']);
const FUNCTION = /^(?:Function|ArrowFunction)/;
const MOST_TEXT = 400;

/** Return the tree of a text, as a script or else as a module. */
function parse(text, path) {
  const kinds = path.endsWith('.mjs') ? ['module'] : ['script', 'module'];
  let failure;
  for (const sourceType of kinds) {
    try {
      return acorn.parse(text, {
        ecmaVersion: 'latest', allowHashBang: true, allowReturnOutsideFunction: sourceType === 'script', sourceType,
        locations: true,
      });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Yield the nodes right below one. */
function* below(node) {
  for (const key of Object.keys(node)) {
    for (const inner of Array.isArray(node[key]) ? node[key] : [node[key]]) {
      if (inner && typeof inner.type === 'string') yield inner;
    }
  }
}

/** Yield all nodes below one, those inside functions too. */
function* all(node) {
  const waiting = [node];
  while (waiting.length > 0) {
    const one = waiting.pop();
    yield one;
    waiting.push(...below(one));
  }
}

/** Return the last part of what is called. */
function called(node) {
  const callee = node.callee;
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression' || callee.computed) return '';
  const name = callee.property.name;
  return (name === 'call' || name === 'apply') && callee.object.type === 'MemberExpression' && !callee.object.computed
    ? callee.object.property.name : name;
}

/** Return the value of a literal, sums of texts too; nothing for anything else. */
function constant(node) {
  if (node.type === 'Literal' && (typeof node.value === 'string' || typeof node.value === 'number')) return node.value;
  if (node.type === 'TemplateElement') return node.value.cooked || undefined;
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return undefined;
  const left = constant(node.left);
  const right = constant(node.right);
  return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
}

/** Say whether a node only says what went wrong. */
function isRefusal(node) {
  return node.type === 'ThrowStatement' || (/^(?:New|Call)Expression$/.test(node.type) && /(?:Error|Exception)$/.test(called(node)));
}

/** Return [text or number, kind, line] for all that conditions ask for. */
function askedTexts(tree) {
  const given = new Map();
  const written = new Set();
  for (const node of all(tree)) {
    const [name, value] = node.type === 'VariableDeclarator' ? [node.id, node.init] : [node.left, node.right];
    if (node.type !== 'VariableDeclarator' && node.type !== 'AssignmentExpression') continue;
    if (name.type === 'Identifier' && value) given.set(name.name, [...(given.get(name.name) || []), value]);
    if (name.type === 'MemberExpression' && !name.computed) written.add(name.property.name);
  }
  const found = new Map();
  const followed = new Set();
  const tell = (said, kind, node) => {
    const text = typeof said === 'string' ? said.slice(0, MOST_TEXT) : said;
    const one = [text, kind, node.loc.start.line];
    if (text !== '') found.set(JSON.stringify(one), one);
  };
  const note = (node, kind, numbers) => {
    if (isRefusal(node)) return;
    const value = constant(node);
    if (typeof value === 'string') {
      tell(value, kind, node);
      return;
    }
    if (Number.isSafeInteger(value) && numbers) tell(value, 'number', node);
    if (node.type === 'Literal' && node.regex) tell(node.regex.pattern, 'pattern', node);
    if (node.type === 'Identifier' && given.has(node.name) && !followed.has(node.name)) {
      followed.add(node.name);
      for (const one of given.get(node.name)) note(one, kind, numbers);
    }
    if (FUNCTION.test(node.type)) return;
    if (node.type === 'MemberExpression' && !node.computed) tell(node.property.name, 'name', node.property);
    const isCall = /^(?:New|Call)Expression$/.test(node.type);
    const inner = isCall && called(node) === 'RegExp' ? 'pattern' : kind;
    const counts = numbers && !isCall && node.type !== 'MemberExpression' && node.type !== 'BinaryExpression';
    for (const one of below(node)) {
      const isName = node.type === 'MemberExpression' && one === node.property && !node.computed;
      if (!isName) note(one, inner, counts);
    }
  };
  const waiting = [tree];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isRefusal(node)) continue;
    if (node.type === 'BinaryExpression' && (EQUAL.has(node.operator) || node.operator === 'in')) {
      note(node.left, 'text', EQUAL.has(node.operator));
      note(node.right, 'text', EQUAL.has(node.operator));
    } else if (/^(?:If|While|DoWhile|For)Statement$|^ConditionalExpression$/.test(node.type)) {
      if (node.test) note(node.test, 'text', false);
    } else if (node.type === 'LogicalExpression') {
      note(node.left, 'text', false);
      note(node.right, 'text', false);
    } else if (node.type === 'SwitchCase') {
      if (node.test) note(node.test, 'text', true);
    } else if (/^(?:New|Call)Expression$/.test(node.type) && ASKS.has(called(node))) {
      for (const one of node.arguments) note(one, called(node) === 'RegExp' ? 'pattern' : 'text', false);
    } else if (node.type === 'Literal' && node.regex) {
      tell(node.regex.pattern, 'pattern', node);
    } else if (node.type === 'ArrayExpression') {
      for (const one of node.elements) if (one && typeof constant(one) === 'string') note(one, 'text', false);
    } else if (node.type === 'MemberExpression' && node.computed) {
      note(node.property, 'text', false);
    }
    waiting.push(...below(node));
  }
  return [...found.values()]
    .filter(([said, kind]) => kind !== 'name' || !written.has(said))
    .sort((one, other) => one[2] - other[2] || (String(one[0]) < String(other[0]) ? -1 : 1));
}

/** Return the names that a pattern of a declaration binds. */
function bound(pattern, found = []) {
  if (!pattern) return found;
  if (pattern.type === 'Identifier') found.push(pattern.name);
  else if (pattern.type === 'MemberExpression') return found;
  else for (const one of below(pattern.type === 'Property' ? { value: pattern.value } : pattern)) bound(one, found);
  return found;
}

/** Yield the nodes of a function or program, those inside other functions left out but for the functions themselves. */
function* own(node) {
  const waiting = [...below(node)];
  while (waiting.length > 0) {
    const one = waiting.pop();
    yield one;
    if (!FUNCTION.test(one.type)) waiting.push(...below(one));
  }
}

/** Return the innermost object of a chain of properties, and the names on the way. */
function root(node) {
  const way = [];
  while (node.type === 'MemberExpression' || node.type === 'ChainExpression') {
    if (node.type === 'MemberExpression') way.unshift(node.computed ? '' : node.property.name);
    node = node.type === 'MemberExpression' ? node.object : node.expression;
  }
  return [node, way];
}

/** Return [name, line] for each write, inside a function, to what is still there at the next call. */
function keptState(tree) {
  const found = [];
  const locals = (node) => {
    const names = new Set((node.params || []).flatMap((one) => bound(one)));
    if (node.type !== 'Program' && !/^Arrow/.test(node.type)) names.add('arguments');
    for (const one of own(node)) {
      if (one.type === 'VariableDeclarator') for (const name of bound(one.id)) names.add(name);
      else if (/^(?:Function|Class)Declaration$/.test(one.type) && one.id) names.add(one.id.name);
      else if (one.type === 'CatchClause') for (const name of bound(one.param)) names.add(name);
      else if (/^Import.*Specifier$/.test(one.type)) names.add(one.local.name);
    }
    return names;
  };
  /** Say whether calling a function gives a function, so that its variables outlive the call. */
  const givesFunction = (node, names) => {
    if (node.body.type !== 'BlockStatement') return FUNCTION.test(node.body.type);
    for (const one of own(node)) {
      if (one.type !== 'ReturnStatement' || !one.argument) continue;
      if (FUNCTION.test(one.argument.type)) return true;
      if (one.argument.type !== 'Identifier' || !names.has(one.argument.name)) continue;
      for (const inner of own(node)) {
        if (inner.type === 'FunctionDeclaration' && inner.id.name === one.argument.name) return true;
      }
    }
    return false;
  };
  const within = (node, lasting, runsOnce) => {
    const names = locals(node);
    const here = new Map([...lasting, ...[...names].map((name) => [name, false])]);
    const stays = runsOnce || (FUNCTION.test(node.type) && (node.generator || givesFunction(node, names)));
    if (/FunctionExpression$/.test(node.type) && node.id && !names.has(node.id.name)) here.set(node.id.name, true);
    const forInner = stays ? new Map([...here, ...[...names].map((name) => [name, true])]) : here;
    const outlives = (target, needsWay) => {
      const [inner, way] = root(target);
      if (inner.type === 'ThisExpression' || inner.type === 'Super') return way.includes('constructor') ? ['this', way] : null;
      if (inner.type !== 'Identifier' || (needsWay && way.length === 0)) return null;
      return !here.has(inner.name) || here.get(inner.name) ? [inner.name, way] : null;
    };
    for (const one of own(node)) {
      let kept = null;
      if (one.type === 'UpdateExpression') kept = outlives(one.argument, false);
      else if (one.type === 'AssignmentExpression' && /^(?:Identifier|MemberExpression)$/.test(one.left.type)) kept = outlives(one.left, false);
      else if (one.type === 'UnaryExpression' && one.operator === 'delete') kept = outlives(one.argument, true);
      else if (one.type === 'CallExpression' && one.callee.type === 'MemberExpression' && CHANGES.has(called(one))) {
        kept = outlives(one.callee.object, false);
      }
      if (kept && !runsOnce) found.push([[kept[0], ...kept[1]].filter((part) => part !== '').join('.'), one.loc.start.line]);
      if (FUNCTION.test(one.type)) within(one, forInner, runsOnce && isStarted(node, one));
    }
  };
  /** Say whether a function is called, or handed to a call, right where it stands. */
  const isStarted = (node, inner) => {
    for (const one of own(node)) {
      if (one.type !== 'CallExpression') continue;
      const [callee] = root(one.callee);
      if (callee === inner || one.callee === inner || one.arguments.includes(inner)) return true;
    }
    return false;
  };
  within(tree, new Map(), true);
  return found.sort((one, other) => one[1] - other[1]);
}

/** Return the names of the language itself: of all that is global, and of what that holds. */
function known() {
  const names = new Set();
  const seen = new Set();
  const note = (value, depth) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 3) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      const held = Object.getOwnPropertyDescriptor(value, key);
      if (typeof key === 'string' && !/^\d/.test(key)) names.add(key);
      if (typeof key === 'string' && 'value' in held) note(held.value, depth + 1);
    }
    note(Object.getPrototypeOf(value), depth + 1);
  };
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    names.add(name);
    const held = Object.getOwnPropertyDescriptor(globalThis, name);
    if ('value' in held && !['process', 'global', 'globalThis'].includes(name)) note(held.value, 0);
  }
  for (const made of ['', 0, [], /x/, new Map(), new Error('x'), (function* made() {})(), Buffer.alloc(1), Symbol('x')]) note(Object(made), 0);
  for (const name of ['path', 'url', 'fs', 'util', 'os', 'querystring']) note(require(name), 1);
  return [...names].sort();
}

const said = { known: known() };
for (const path of process.argv.slice(2)) {
  try {
    const tree = parse(fs.readFileSync(path, 'utf8'), path);
    said[path] = { asks: askedTexts(tree), keeps: keptState(tree) };
  } catch (failure) {
    said[path] = { broken: String(failure && failure.message).slice(0, 200) };
  }
}
let rest = Buffer.from(`${JSON.stringify(said)}\n`);
while (rest.length > 0) rest = rest.subarray(fs.writeSync(1, rest));
