"""What ends the verb `report`, in one message."""

from culture_perception.runner import SystemFailure


class ReportError(SystemFailure):
    """A file is not what an experiment writes, or what draws the report is not installed."""
