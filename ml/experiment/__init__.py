"""Campaigns with a control group judged as what they are: randomised experiments."""
