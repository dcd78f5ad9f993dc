"""What is seen of the truth: histories as people give them, and the errors of tests and records."""
