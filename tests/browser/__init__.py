"""Tests of the app in a browser.

A package, so that package-scoped fixtures end with it: no asynchronous test can run while Playwright does.
"""
