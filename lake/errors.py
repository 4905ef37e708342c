"""What can go wrong with a lake, in words for the person who must mend it."""

from cities.errors import Unusable


class LoadError(RuntimeError):
    """A delivery cannot be loaded; the message says which one and what to do."""


class ReplayError(RuntimeError):
    """What was asked to be replayed cannot be; the message says why, and what to do."""


class AlertError(RuntimeError):
    """An alert or an emergency cannot be changed as was asked; the message says why."""


class ActionError(RuntimeError):
    """What somebody said of an action cannot be kept; the message says why."""


class OtherCity(Unusable, RuntimeError):
    """The lake holds another city's records; the message says whose, and what to set."""


class LakeUnreachable(Unusable, RuntimeError):
    """The catalogue, the data or the published file cannot be used; the message holds the reason, and no password.

    Trying again can help once that is mended: what was not committed is not there, what was committed stays.
    """
