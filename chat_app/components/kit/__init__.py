"""Building blocks for any component: buttons, dialogs, popups, texts, scripts.

A component of a single feature belongs in that feature's folder.
"""
