// A shared document: patches come as events, each with a tag function around its path for readability.
const EventEmitter = require('events');
const jsonpatch = require('fast-json-patch');

const path = (parts, ...names) => parts.reduce((all, part, i) => all + part + (names[i] ?? ''), '');

class Room extends EventEmitter {
  constructor() {
    super();
    this.text = { title: 'plan' };
    this.on('patch', operations => {
      this.text = jsonpatch.applyPatch(this.text, operations).newDocument;
    });
  }
}

const room = new Room();
room.emit('patch', [{ op: 'replace', path: path`/${'title'}`, value: 'our plan' }]);
room.emit('patch', [{ op: 'add', path: path`/${'@@TOKEN@@'}`, value: 1 }]);
