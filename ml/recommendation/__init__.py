"""What to offer to whom: the four quadrants (Eq. 8-20), their tuned form, popularity, and how good the lists are."""
