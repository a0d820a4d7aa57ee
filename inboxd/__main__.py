"""`python -m inboxd` is the command line, for where the console script is not on the path."""

from inboxd.cli.main import run

run()
