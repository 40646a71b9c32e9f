/*
 * Writers for the archives a proof may need: exactly the names given (`../` and all), stored, no compression.
 *
 * Source: PKWARE APPNOTE 6.3.10 sections 4.3.7, 4.3.12 and 4.3.16; POSIX.1-2017 pax, ustar interchange format, with
 * GNU's long-name entry (type L) for names over 100 bytes.
 */
'use strict';

const TABLE = new Int32Array(256);
for (let n = 0; n < 256; n += 1) {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLE[n] = value;
}
const DOS_DATE = 0x2821; // 2000-01-01: the same in every run
const UTF8_NAMES = 0x0800;

/** Return the CRC-32 of bytes. */
function crc32(bytes) {
  let value = -1;
  for (const octet of bytes) value = TABLE[(value ^ octet) & 0xff] ^ (value >>> 8);
  return (value ^ -1) >>> 0;
}

/**
 * Return a ZIP archive.
 *
 * @param {Array<{name: string, content: Buffer, link?: 'symlink'|'hardlink'}>} entries in order; a name may come twice,
 *   the content of a link is what it points at
 * @returns {Buffer}
 */
function zip(entries) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, content, link } of entries) {
    const raw = Buffer.from(name, 'utf8');
    const kind = link === 'symlink' ? 0o120777 : name.endsWith('/') ? 0o40755 : 0o100644;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(UTF8_NAMES, 2);
    shared.writeUInt16LE(DOS_DATE, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(content.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(raw.length, 22);
    const central = Buffer.alloc(14);
    central.writeUInt32LE((kind << 16) >>> 0, 6);
    central.writeUInt32LE(offset, 10);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), shared, raw, content);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), shared, central, raw);
    offset += 30 + raw.length + content.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}

/** Return one tar header. */
function header(name, size, type, target = Buffer.alloc(0)) {
  const block = Buffer.alloc(512);
  name.copy(block, 0, 0, 100);
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('07033446000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  target.copy(block, 157, 0, 100);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, octet) => total + octet, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Return bytes filled up to whole tar blocks. */
const filled = (bytes) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

/**
 * Return a tar archive.
 *
 * @param {Array<{name: string, content: Buffer, link?: 'symlink'|'hardlink'}>} entries in order
 * @returns {Buffer}
 */
function tar(entries) {
  const parts = [];
  for (const { name, content, link } of entries) {
    const raw = Buffer.from(name, 'utf8');
    if (raw.length > 100) {
      const long = Buffer.concat([raw, Buffer.alloc(1)]);
      parts.push(header(Buffer.from('././@LongLink'), long.length, 'L'), filled(long));
    }
    if (link) {
      parts.push(header(raw, 0, link === 'symlink' ? '2' : '1', content));
      continue;
    }
    const folder = name.endsWith('/');
    parts.push(
      header(raw, folder ? 0 : content.length, folder ? '5' : '0'),
      filled(folder ? Buffer.alloc(0) : content),
    );
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

module.exports = { __proto__: null, tar, zip };
