// A crawler that keeps cookies; every answer is handled by an async function.
const { CookieJar } = require('tough-cookie');

const jar = new CookieJar(undefined, { rejectPublicSuffixes: false });
const answers = [
  ['https://a.example/', 'colour=blue; Path=/'],
  ['https://b.example/x', 'size=large; Domain=b.example; Path=/@@TOKEN@@'],
];

async function keep([address, header]) {
  await jar.setCookie(header, address);
}

async function main() {
  await Promise.all(answers.map(keep));
  console.log(await jar.getCookieString('https://a.example/'));
}

main();
