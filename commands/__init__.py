"""The command line, a file per command or family; `precision.py` lists them."""
