"""Backwards: from published tables to the law, and from one history to causes and prospects."""
