"""Speed, printed as ratios; see README.md."""
