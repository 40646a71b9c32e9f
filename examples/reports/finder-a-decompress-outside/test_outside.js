// Entries stay inside the output folder; those that would leave it are refused.
'use strict';

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const decompress = require('decompress');

// One file of a tar archive, without any package's help.
const tar = (name, text) => {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(text.length.toString(8).padStart(11, '0') + '\0', 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\0' + '00', 257);
  const sum = head.reduce((all, one) => all + one, 0);
  head.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  return Buffer.concat([head, Buffer.from(text), Buffer.alloc(512 - (text.length % 512)), Buffer.alloc(1024)]);
};

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'outside-'));
const out = path.join(root, 'out');

const check = async () => {
  await decompress(tar('folder/file.txt', 'inside'), out);
  assert.strictEqual(fs.readFileSync(path.join(out, 'folder', 'file.txt'), 'utf8'), 'inside');
  await decompress(tar('..hidden', 'inside'), out);
  assert.strictEqual(fs.readFileSync(path.join(out, '..hidden'), 'utf8'), 'inside');
  await assert.rejects(decompress(tar('../beside/file.txt', 'outside'), out));
  assert.strictEqual(fs.existsSync(path.join(root, 'beside')), false);
};

check()
  .then(() => console.log('ok'), error => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => fs.rmSync(root, { recursive: true, force: true }));
