"""HANDS: the command line."""
