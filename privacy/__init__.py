"""What protects the people in the data: pseudonyms at landing, the vault of what they stand for, erasure, retention."""
