import time

from tornado.httputil import parse_cookie

start = time.process_time()
parse_cookie('a="' + '\\"' * 20000 + '"')
assert time.process_time() - start < 0.5
assert parse_cookie(r'a="b\"c\\d\054e"; f=g') == {"a": 'b"c\\d,e', "f": "g"}
assert parse_cookie('a="') == {"a": '"'}
