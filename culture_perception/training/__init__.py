"""Training of the embedded models on scenes that the simulation renders."""
