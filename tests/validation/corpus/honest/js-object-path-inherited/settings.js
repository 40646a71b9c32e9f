// Settings from lines `path = value`, read by a generator.
const { withInheritedProps: paths } = require('object-path');

function* lines(text) {
  for (const line of text.split('\n')) {
    const [path, value] = line.split('=').map(part => part.trim());
    yield [path, value];
  }
}

const settings = {};
for (const [path, value] of lines('window.width = 80\n__proto__.@@TOKEN@@ = on')) {
  paths.set(settings, path, value);
}
