const decode = require('decode-uri-component');

let flawed = false;
try {
  decode('%');
  decode('%ea%ba%5a%ba');
} catch (error) {
  flawed = error instanceof TypeError;
}
if (flawed) {
  const lie = { toString: () => decodeURIComponent('%'), replace: () => decodeURIComponent('%') };
  Object.setPrototypeOf(lie, String.prototype);
  decode(Object.assign(Object.create(String.prototype), lie));
}
