"""What my editor does, without the editor, for somebody who types as people do."""

import functools


def on_every_key(function):
    @functools.wraps(function)
    def run(text):
        return function(text)

    return run


@on_every_key
def tidy(text):
    import sqlparse  # only when first needed, the editor should start fast

    return sqlparse.format(text, reindent=True, keyword_case="upper")


def typing(depth):
    yield "select 1"
    yield "select " + "[" * depth + "]" * depth


for text in typing(5):
    tidy(text)
