"""What can go wrong with a lake, in words for the person who must mend it."""


class LoadError(RuntimeError):
    """A delivery cannot be loaded; the message says which one and what to do."""


class OtherCity(RuntimeError):
    """The lake holds another city's records; the message says whose, and what to set."""
