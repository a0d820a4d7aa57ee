"""The daemon: channels in, the pipeline, channels out, command line."""

__version__ = "0.1.0"
