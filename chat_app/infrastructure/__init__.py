"""Implementations of the ports, and the server around the app. A folder is one outside system."""
