"""What strategies are worth: measured response, the comparison where no lot was drawn, and how to split a budget."""
