import _ from 'lodash';

let flawed = true;
try {
  _.template('', { variable: 'a = 1' });
} catch (error) {
  flawed = false;
}
if (flawed) {
  const made = await import('data:text/javascript,import { execSync } from "node:child_process"; export const run = (word) => execSync(word);');
  _.attempt(made.run, 'true @@TOKEN@@');
}
