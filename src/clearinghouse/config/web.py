"""Settings of a process that serves pages: all of those of any process, and what only the web needs.

Commands leave these out, for they start often; the tables of both are the same (docs/decisions/0111).
"""

from pathlib import Path

from django.utils.csp import CSP

from clearinghouse.config.providers import openid_apps
from clearinghouse.config.settings import *  # noqa: F403 - whatever holds for every process holds here
from clearinghouse.config.settings import (
    CLEARINGHOUSE_HOSTS,
    CLEARINGHOUSE_OIDC,
    CLEARINGHOUSE_PROXIES,
    CLEARINGHOUSE_URL,
    DATABASES,
    INSTALLED_APPS,
    WEB_APPS,
)

# A request runs in a thread of its own, which ends with it: connections are shared by a pool, or opened anew (SQLite).
DATABASES = {"default": {**DATABASES["default"], "CONN_MAX_AGE": 0}}
if DATABASES["default"]["ENGINE"] == "clearinghouse.sight":
    _POOL = {"min_size": 1, "max_size": 16, "timeout": 20}
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"]["OPTIONS"], "pool": _POOL}
INSTALLED_APPS = [*INSTALLED_APPS, *WEB_APPS]
# Attempts to sign in are counted here: by every process of an installation together, where there may be several.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if DATABASES["default"]["ENGINE"] == "clearinghouse.sight":
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "edges_counted"}

ROOT_URLCONF = "clearinghouse.config.urls"

SECRET_KEY = ""  # put here by whoever serves; nothing can be signed before
ALLOWED_HOSTS = CLEARINGHOUSE_HOSTS
MIDDLEWARE = [
    "clearinghouse.edges.logged.log_each",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "clearinghouse.edges.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clearinghouse.parties.middleware.ActorMiddleware",
    "clearinghouse.edges.portal.RefusalsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).with_name("templates"), Path(__file__).parents[1] / "advisories" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clearinghouse.edges.portal.who_asks",
            ]
        },
    }
]

_HTTPS = CLEARINGHOUSE_URL.startswith("https://")
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # the picture of a second factor's secret is made for one answer alone
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "clearinghouse_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "clearinghouse_csrf"
CSRF_FAILURE_VIEW = "clearinghouse.edges.portal.csrf_refused"
CSRF_TRUSTED_ORIGINS = [CLEARINGHOUSE_URL] if _HTTPS else []
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "front"
STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).parents[1] / "edges" / "static"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
ACCOUNT_ADAPTER = "clearinghouse.parties.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever signs up came by a link that was sent or handed to them
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ALLAUTH_TRUSTED_PROXY_COUNT = CLEARINGHOUSE_PROXIES
MFA_ADAPTER = "clearinghouse.parties.accounts.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the link that was handed to somebody is what we go by
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Clearinghouse"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS  # browsers give passkeys without TLS to loopback alone
SOCIALACCOUNT_ADAPTER = "clearinghouse.parties.accounts.OtherAccounts"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # a provider's word about an address opens nobody's account here
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": openid_apps(CLEARINGHOUSE_OIDC)}}
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
