const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (isMainThread) {
  const worker = new Worker(__filename, { workerData: { 'name': 'Ann', 'more.@@TOKEN@@': 'yes' } });
  worker.on('message', form => console.log(form));
} else {
  const { unflatten } = require('flat');
  parentPort.postMessage(unflatten(workerData));
}
