require('decode-uri-component')('a%20b');
