"""Lets `python -m decidua` do what the command `decidua` does."""

from decidua.cli import main

main()
