"use strict";
/* An upload is unpacked. Three entries try to leave the folder in three ways. */
var AdmZip = require("adm-zip"), EventEmitter = require("events"), fs = require("fs"), path = require("path");

function Upload(bytes) { EventEmitter.call(this); this.bytes = bytes; }
Upload.prototype = Object.create(EventEmitter.prototype, { constructor: { value: Upload } });
Upload.prototype.unpack = function (where) {
  var self = this;
  setImmediate(function () {
    try {
      var zip = new AdmZip(self.bytes);
      zip.getEntries().forEach(function (entry) { self.emit("entry", entry.entryName); });
      zip.extractAllTo(where, true);
      self.emit("done", fs.readdirSync(where));
    } catch (error) { self.emit("error", error); }
  });
  return this;
};

/** A stored archive, by hand. */
function archive(names) {
  var zlib = require("zlib"), body = Buffer.from("x"), at = 0, locals = [], index = [];
  names.forEach(function (text) {
    var name = Buffer.from(text), head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt32LE(zlib.crc32(body), 10);
    head.writeUInt32LE(1, 14);
    head.writeUInt32LE(1, 18);
    head.writeUInt16LE(name.length, 22);
    var more = Buffer.alloc(14);
    more.writeUInt32LE(at, 10);
    var local = Buffer.concat([Buffer.from("PK"), head, name, body]);
    at += local.length;
    locals.push(local);
    index.push(Buffer.concat([Buffer.from("PK"), Buffer.from([20, 0]), head, more, name]));
  });
  var list = Buffer.concat(index), end = Buffer.alloc(18);
  end.writeUInt16LE(names.length, 4);
  end.writeUInt16LE(names.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat(locals.concat([list, Buffer.from("PK"), end]));
}

new Upload(archive(["hello.txt", "../@@CANARY:relative@@", "a/../../@@CANARY:relative@@"]))
  .on("entry", function (name) { console.log("-", name); })
  .once("done", function (names) { console.log(names); })
  .once("error", function (error) { console.log(String(error)); })
  .unpack(path.join(process.cwd(), "out"));
