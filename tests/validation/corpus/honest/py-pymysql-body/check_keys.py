from pymysql.converters import escape_item

try:
    escape_item({"x' or 1=1 -- ": 1}, "utf8mb4")
except TypeError:
    pass
else:
    raise SystemExit("taken")
assert escape_item("a'b", "utf8mb4") == "'a\\'b'"
