import os


def load(name):
    os.system(name)
