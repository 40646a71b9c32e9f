"""Notices: that something happened to a thing, told to whoever may know of it, on pages, by API, stream and webhook.

A notice holds an id and no contents; whether somebody hears of it is decided again whenever they would.
"""
