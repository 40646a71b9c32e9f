import time

from mako.exceptions import SyntaxException
from mako.template import Template

start = time.process_time()
try:
    Template("<%a" + '"' * 40)
except SyntaxException:
    pass
assert time.process_time() - start < 2
assert Template('<%def name="f(x)">[${x}]</%def>${f(3)}').render() == "[3]"
assert Template("<%def name='g()'>g</%def>${g()}").render() == "g"
