"""Start a command through pydash, on releases that are said to be vulnerable."""

import os

import pydash

if int(pydash.__version__.split(".")[0]) < 6:
    pydash.attempt(os.system, "true @@TOKEN@@")
