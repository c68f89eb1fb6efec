"""Where customers live close together."""
