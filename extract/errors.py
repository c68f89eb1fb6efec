"""What can be wrong with a source. Every message says what is wrong, where, and what to do.

All are ValueErrors: running again without mending the source or the declaration gives the same error.
"""


class ExtractError(ValueError):
    """The source or its declaration must be mended; what had landed before is unchanged."""


class MissingSource(ExtractError):
    """A folder or file that the declaration names does not exist."""


class UnknownTable(ExtractError):
    """The shop declares no such source or table."""


class UnreadableFile(ExtractError):
    """A file that breaks off or is not what its format says."""


class ChangedColumns(ExtractError):
    """The source has other columns, or other types in them, than declared."""


class NoRows(ExtractError):
    """A table that may not be empty brought nothing in the interval."""


class IncompleteSource(ExtractError):
    """A source that contradicts itself: it announced other rows than it delivered, twice."""


class LostSource(ConnectionError):
    """A source that could not be reached, or broke off, each time it was tried. No ValueError: later it may answer."""
