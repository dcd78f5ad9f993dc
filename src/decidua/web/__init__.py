"""The explorer: the model as pages on this machine, with a JSON twin behind every page."""
