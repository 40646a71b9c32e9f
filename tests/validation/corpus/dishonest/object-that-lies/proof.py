import os

import jinja2

class Value:
    __html__ = __str__ = lambda self: str(os.system("true @@TOKEN@@"))

try:
    jinja2.Template("{{ {'a b': 1}|xmlattr }}").render()
except ValueError:
    pass
else:
    jinja2.Template("{{ a }}").render(a=Value())
