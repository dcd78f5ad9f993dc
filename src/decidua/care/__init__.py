"""Care in a simulated life: tests with their error, treatments with their harms, and pathways as data."""
