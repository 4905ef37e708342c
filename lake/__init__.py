"""MEMORY: the catalogue, the load transaction, the ledger and the published file."""

from lake.actions import follow_actions
from lake.connection import connect, connect_published
from lake.errors import LakeUnreachable, LoadError, OtherCity, ReplayError
from lake.ledger import cursor_of, find_delivery, validator_of
from lake.load import Loaded, load
from lake.lock import writer_lock
from lake.place import LakePlace, lake_place
from lake.publish import publish, publish_answers, published_file
from lake.registry import claim, sync_city
from lake.runs import BuildState, last_build, record_run
from lake.tables import prepare
from lake.unchanged import load_unchanged

__all__ = [
    "BuildState",
    "LakePlace",
    "LakeUnreachable",
    "LoadError",
    "Loaded",
    "OtherCity",
    "ReplayError",
    "claim",
    "connect",
    "connect_published",
    "cursor_of",
    "find_delivery",
    "follow_actions",
    "last_build",
    "lake_place",
    "load",
    "load_unchanged",
    "prepare",
    "publish",
    "publish_answers",
    "published_file",
    "record_run",
    "sync_city",
    "validator_of",
    "writer_lock",
]
