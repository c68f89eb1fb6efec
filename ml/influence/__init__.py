"""What moves sales and what goes with loyal customers: grey relation (T), response regression (Z Table 3)."""
