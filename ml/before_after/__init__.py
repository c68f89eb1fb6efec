"""What changed from before a campaign to after it, beside its control group."""
