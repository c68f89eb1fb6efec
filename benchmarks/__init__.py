"""How fast, how much memory, how good: measured, never asserted in the test suite."""
