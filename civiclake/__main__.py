"""`python -m civiclake` is `civiclake`."""

from civiclake.cli import main

main()
