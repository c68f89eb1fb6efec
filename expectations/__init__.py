"""What data must look like before anyone may use them."""
