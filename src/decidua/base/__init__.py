"""Errors, estimates, exact conversions, the one compile decorator and provenance, used by every room."""
