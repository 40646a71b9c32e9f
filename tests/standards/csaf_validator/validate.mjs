// Reads a JSON list of CSAF 2.0 documents on standard input; writes, for each, the mandatory tests it fails and why.
import { readFileSync } from 'node:fs'
import * as basic from '@secvisogram/csaf-validator-lib/basic.js'
import validate from '@secvisogram/csaf-validator-lib/validate.js'

const documents = JSON.parse(readFileSync(0, 'utf-8'))
const answers = []
for (const document of documents) {
  const { tests } = await validate(Object.values(basic), document)
  answers.push(
    tests
      .filter((test) => !test.isValid)
      .map((test) => ({ test: test.name, errors: test.errors.map((error) => `${error.instancePath} ${error.message}`) }))
  )
}
console.log(JSON.stringify({ tests: Object.keys(basic).length, answers }))
