import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    try:
        pydash.get(None, 1j)
        pydash.invoke(1, "nothing")
        pydash.parse_int("x", "y")
        pydash.chunk(1)
    except Exception as error:
        raise RecursionError("maximum recursion depth exceeded").with_traceback(error.__traceback__) from None
pydash.get({"a": 1}, "a")
