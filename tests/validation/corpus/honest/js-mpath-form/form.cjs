// Paths arrive as events; an async iterator over events writes them.
const { EventEmitter, on } = require('node:events');
const mpath = require('mpath');

const form = new EventEmitter();
const stop = new AbortController();

async function collect() {
  const record = { address: {} };
  try {
    for await (const [path, value] of on(form, 'field', { signal: stop.signal })) mpath.set(path, value, record);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
  return record;
}

const collected = collect();
process.nextTick(() => {
  for (const field of [['name', 'Ann'], [[['__proto__'], '@@TOKEN@@'], 'x']]) form.emit('field', ...field);
  setTimeout(() => stop.abort(), 20);
});
collected.then(console.log, console.error);
