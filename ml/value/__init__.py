"""What a customer is worth: observed so far (SQL), and expected from here on by a model of buying and leaving."""
