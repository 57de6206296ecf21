"""Renders the data that the embedded models are trained on: siblings and clutter on random tables."""
