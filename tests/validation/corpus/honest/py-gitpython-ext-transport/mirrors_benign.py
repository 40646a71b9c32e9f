"""The same service; a repository that is made here first."""

import threading

from git import Repo
from git.exc import GitCommandError

errors = []


def mirror(address, folder):
    try:
        Repo.clone_from(address, folder)
    except (GitCommandError, ValueError) as error:
        errors.append(type(error).__name__)


Repo.init("source")
addresses = {"one": "source"}
threads = [threading.Thread(target=mirror, args=(address, name)) for name, address in addresses.items()]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(errors)
