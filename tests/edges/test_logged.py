"""Tests of clearinghouse/edges/logged.py."""

import logging

from django.test import RequestFactory
from django.urls import resolve

from clearinghouse.edges.logged import RouteOnly


def _said(path: str, *, known: bool) -> logging.LogRecord:
    request = RequestFactory().get(path)
    if known:
        request.resolver_match = resolve(path)
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", (path,), None)
    record.request, record.status_code = request, 404
    assert RouteOnly().filter(record)
    return record


def test_the_log_names_the_route_and_not_the_address() -> None:
    record = _said("/join/a-secret", known=True)
    assert record.getMessage() == "Not Found" and "a-secret" not in str(record.__dict__["route"])
    assert record.__dict__["route"] == "join/<str:secret>" and record.__dict__["status"] == 404


def test_an_address_that_is_none_of_ours_is_not_named_either() -> None:
    assert _said("/joim/a-secret", known=False).__dict__["route"] == "none of ours"
