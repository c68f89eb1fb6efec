"""The only package that knows which engine is underneath."""
