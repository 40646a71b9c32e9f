const fs = require('fs');
const os = require('os');
const path = require('path');
const { Transform, Readable } = require('stream');
const { pipeline } = require('stream/promises');
const readline = require('readline');
const ini = require('ini');

/** Collects the text that passes, and parses it when it ends. */
class Parse extends Transform {
  constructor() {
    super({ readableObjectMode: true });
    this.text = '';
  }
  _transform(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
  _flush(done) {
    this.push(ini.parse(this.text));
    done();
  }
}

async function main(lines) {
  const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'ini-'));
  try {
    const file = path.join(folder, 'site.ini');
    await pipeline(Readable.from(lines.map((line) => line + '\n')), fs.createWriteStream(file));
    let count = 0;
    for await (const line of readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })) count += line.length;
    const seen = [];
    await pipeline(fs.createReadStream(file, { highWaterMark: 7 }), new Parse(), async function (source) {
      for await (const settings of source) seen.push(Object.keys(settings));
    });
    console.log(count, seen);
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

main(['; a comment', '[site]', '@@TOKEN@@ = yes', 'path[] = /usr']).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
