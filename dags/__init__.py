"""What runs when, in what order, and what to do when it fails."""
