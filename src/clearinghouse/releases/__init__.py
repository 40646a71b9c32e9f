"""Releases of packages: listed, fetched by hash, unpacked, put together; nothing of them runs on this machine.

A *release* is one version of a package on its index. An *environment* is a release unpacked beside the
dependencies that were current when it was published, ready to be mounted read-only into a sandbox.
"""
