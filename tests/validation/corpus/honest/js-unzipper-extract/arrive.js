// One archive, made by hand (stored, not packed), piped into the extractor.
const { Readable } = require('stream');
const { Extract } = require('unzipper');

const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = data => (data.reduce((c, byte) => crcTable[(c ^ byte) & 255] ^ (c >>> 8), -1) ^ -1) >>> 0;

function zip(name, text) {
  const data = Buffer.from(text);
  const title = Buffer.from(name);
  const both = Buffer.alloc(26);
  both.writeUInt16LE(20, 0);
  both.writeUInt16LE(0x21, 8);
  both.writeUInt32LE(crc(data), 10);
  both.writeUInt32LE(data.length, 14);
  both.writeUInt32LE(data.length, 18);
  both.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), both, title, data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), both, Buffer.alloc(14), title]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

Readable.from([zip('../@@CANARY:relative@@', 'written')])
  .pipe(Extract({ path: 'out' }))
  .on('close', () => console.log('done'));
