"""Reflex State: vars and event handlers of the page. No I/O; services do the work."""
