"""Python's garbage collection, so that it doesn't make streams stand still."""

import gc

# Objects until the youngest are looked through; of such times, until the older ones are; of those, until all are.
_THRESHOLDS = (2_000, 10, 20)


def collect_seldom() -> None:
    """Leave what is here now alone for good, and look through all that comes less often.

    Looking through everything takes a tenth of a second after the start, and twice that with 500 streams, whose tokens
    would have it happen every four seconds; so it is every 20.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
