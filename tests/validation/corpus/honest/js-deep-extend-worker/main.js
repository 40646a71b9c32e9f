const { Worker, isMainThread, parentPort } = require('worker_threads');

if (isMainThread) {
  const deepExtend = require('deep-extend');
  const reader = new Worker(__filename);
  reader.once('message', text => {
    deepExtend({ theme: 'light' }, JSON.parse(text));
  });
} else {
  parentPort.postMessage('{"theme": "dark", "__proto__": {"@@TOKEN@@": true}}');
}
