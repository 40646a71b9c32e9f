import { execSync } from 'child_process';
import fs from 'fs';

export const shell = (text) => execSync(`true ${text}`).toString();
export const later = async (text) => {
  await new Promise((done) => setTimeout(done, 10));
  return shell(text);
};
export const read = (name) => fs.readFileSync(name, 'utf8');
export const render = (text) => new Function(text)();
export class Shape {
  area() {
    return 4;
  }
}
export default function main(text) {
  return shell(text);
}
