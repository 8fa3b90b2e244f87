"""Faults: what readers and storage have after crashes, outages and cut connections, counted word by word.

``python -m tests.faults`` prints the table. A question's answer is known from its name, so that each reader knows what
it must have received.
"""
