'use strict';
// A mailer as a class; letters are rendered one after the other.
const { render: fill } = require('ejs');

class Mailer {
  #options;

  constructor(options) {
    this.#options = options;
  }

  async *letters(names) {
    for (const name of names) {
      yield fill('Dear customer,', { name }, this.#options);
    }
  }
}

const option = 'print';

(async () => {
  for await (const letter of new Mailer({ outputFunctionName: option }).letters(['@@TOKEN@@'])) {
    console.log(letter);
  }
})();
