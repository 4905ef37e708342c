"""One module a kind of record, the same for every city; the module's name is the contract's."""
