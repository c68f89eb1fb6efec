"""Which campaign an order is credited to: the touches before it, and the rules and the chain that share it out."""
