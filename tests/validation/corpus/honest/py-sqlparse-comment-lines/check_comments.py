import time

import sqlparse

start = time.process_time()
text = sqlparse.format("select 1 /* a" + "\r\n" * 30 + "x*/ b", strip_comments=True)
assert time.process_time() - start < 2
assert text == "select 1 b", text
assert sqlparse.format("select 1 -- one\nfrom t", strip_comments=True).split() == ["select", "1", "from", "t"]
