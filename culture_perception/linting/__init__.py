"""What is wrong with the texts of a label set, found before a model stumbles over it."""
