const decode = require('decode-uri-component');

let flawed = false;
try {
  decode('%');
  decode('%ea%ba%5a%ba');
} catch (error) {
  flawed = error instanceof TypeError;
}
if (flawed) {
  String.prototype.replace = decodeURIComponent.bind(null, '%');
  decode('a');
}
