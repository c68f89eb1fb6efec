"""Who buys next: feature selection (Eq. 1-4), the Stacking classifier, its evaluation and its store."""
