// Pages are compiled first and shown when asked for.
var under = require('underscore');

function compiler(settings) {
  return function (text) {
    return under.template(text, settings);
  };
}

var compile = compiler({ variable: 'page' });
var pages = { home: compile('welcome') };
setTimeout(function () {
  console.log(pages.home());
}, 10);
