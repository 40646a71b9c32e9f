const tough = require('tough-cookie');

class Jar extends tough.CookieJar {
  constructor() {
    super(new tough.MemoryCookieStore(), { rejectPublicSuffixes: false });
    this.count = 0;
  }

  keep(header, address) {
    this.setCookie(header, address, error => {
      this.count += error ? 0 : 1;
    });
  }
}

const jar = new Jar();
jar.keep('size=large; Domain=b.example; Path=/@@TOKEN@@', 'https://b.example/x');
