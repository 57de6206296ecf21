"""What goes wrong with files of weights; apart from what reads them, which needs torch."""


class CheckpointError(ValueError):
    """A file of weights is missing, unreadable or of another model; the message names the cure."""
