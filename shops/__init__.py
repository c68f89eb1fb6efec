"""What a shop is: one YAML file each, read by `shops.declaration`."""
