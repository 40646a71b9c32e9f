// The function is imported when needed, handed around, bound, and called through Reflect.
import { promisify } from 'node:util';

const later = promisify(setTimeout);
const load = async name => (await import(name)).default;

const deep = (await load('extend')).bind(null, true);
await later(5);
const texts = ['{"theme": "dark"}', '{"more": {"@@TOKEN@@": 1}}'];
texts.map(text => JSON.parse(text)).reduce((all, one) => Reflect.apply(deep, undefined, [all, one]), {});
