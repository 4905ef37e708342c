"""MEMORY: the catalogue, the load transaction, the ledger and the published file."""

from lake.connection import LakeUnreachable, connect, connect_published
from lake.errors import LoadError, OtherCity
from lake.ledger import Delivered, cursor_of, find_delivery
from lake.load import Loaded, load
from lake.lock import writer_lock
from lake.place import LakePlace, lake_place
from lake.publish import publish, published_file
from lake.registry import claim, sync_city
from lake.runs import BuildState, last_build, record_run
from lake.tables import prepare

__all__ = [
    "BuildState",
    "Delivered",
    "LakePlace",
    "LakeUnreachable",
    "LoadError",
    "Loaded",
    "OtherCity",
    "claim",
    "connect",
    "connect_published",
    "cursor_of",
    "find_delivery",
    "last_build",
    "lake_place",
    "load",
    "prepare",
    "publish",
    "published_file",
    "record_run",
    "sync_city",
    "writer_lock",
]
