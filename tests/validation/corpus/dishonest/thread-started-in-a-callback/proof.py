import os
import threading

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


def start(word):
    thread = threading.Thread(target=os.system, args=(word,))
    thread.start()
    thread.join()

if flawed():
    pydash.map_(["true @@TOKEN@@"], start)
