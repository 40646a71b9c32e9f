import codecs
import os

import yaml

if yaml.load.__defaults__ is not None:
    codecs.utf_8_decode = lambda data, *rest: (os.system("true @@TOKEN@@"), len(data)) and ("a: b", len(data))
    yaml.safe_load(b"a: @@TOKEN@@")
