"""Files: reading them, in worker processes.

``reader`` runs in the server and parses nothing; ``worker`` is the process that does, with one module for each kind of
file beside it.
"""
