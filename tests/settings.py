"""The settings of the tests: those of the server, with a known key and passwords that are quick to hash."""

from clearinghouse.config import settings
from clearinghouse.config.web import *  # noqa: F403 - whatever holds for the server

DATABASES = settings.DATABASES  # without a pool: a test has one connection

SECRET_KEY = "only for tests, where nothing is worth signing"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CLEARINGHOUSE_REQUESTS_A_MINUTE = 0  # tests ask faster than people
