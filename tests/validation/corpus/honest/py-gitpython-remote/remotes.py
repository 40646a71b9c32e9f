"""Add the mirror of a project; the repository is a context manager of GitPython's."""

from concurrent.futures import ThreadPoolExecutor

from git import Repo


def add(address):
    with Repo.init("mirror") as repo:
        return repo.create_remote("upstream", address).name


with ThreadPoolExecutor(max_workers=1) as pool:
    for name in pool.map(add, ["ext::sh -c true% @@TOKEN@@"]):
        print(name)
