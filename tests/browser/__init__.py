"""The app in Chromium.

This is a package so that its fixtures of that scope end with it: as long as Playwright runs, no asynchronous test can.
"""
