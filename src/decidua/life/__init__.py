"""The law of a pregnancy: pure functions from a woman's traits to the weekly hazards of every outcome."""
