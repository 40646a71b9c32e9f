// Unpack an upload while it arrives.
const fs = require('fs');
const { pipeline } = require('stream');
const tar = require('tar');

function entry(name, text) {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0000000000\0000000000\000' + text.length.toString(8).padStart(11, '0') + '\00000000000000\0        0', 100);
  head.write('ustar\0' + '00', 257);
  head.write(head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ', 148);
  return Buffer.concat([head, Buffer.from(text.padEnd(512, '\0')), Buffer.alloc(1024)]);
}

fs.writeFileSync('upload.tar', entry('///@@CANARY@@', 'written'));
fs.mkdirSync('inbox');
pipeline(fs.createReadStream('upload.tar'), tar.x({ cwd: 'inbox' }), error => console.log(error || 'unpacked'));
