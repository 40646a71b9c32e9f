"""Every address of the server, on one page; each says whom it serves, or the server does not start."""

from allauth.account import views as accounts
from django.urls import URLPattern, URLResolver, path

from clearinghouse.config import views
from clearinghouse.config.api import api
from clearinghouse.edges.doors import public
from clearinghouse.edges.rest import addresses
from clearinghouse.parties.views import join

_NOT_IN_YET = "whoever signs in is not signed in yet"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("api/v1/", addresses(api)),
    path("join/<str:secret>", join, name="join"),
    path("sign-in", public(_NOT_IN_YET)(accounts.login), name="account_login"),
    path("sign-out", public("ends whatever session there is")(accounts.logout), name="account_logout"),
    path("sign-up", public("says that accounts are made by invitation")(accounts.signup), name="account_signup"),
    path("closed", public("says that an account is closed")(accounts.account_inactive), name="account_inactive"),
]

handler404 = "clearinghouse.config.views.not_found"
handler500 = "clearinghouse.config.views.failed"
