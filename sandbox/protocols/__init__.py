"""One module a protocol: how a kind of system answers over HTTP, and how it refuses."""
