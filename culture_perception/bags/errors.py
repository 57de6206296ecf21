"""What ends a command about recordings, in one message."""

from culture_perception.runner import SystemFailure


class BagError(SystemFailure):
    """What is asked of recordings makes no sense, or what it needs is not there."""


class UnreadableBagError(BagError):
    """One recording can not be read at all; others may be."""
