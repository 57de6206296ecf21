"""Renders what the embedded models are trained on: siblings and clutter on random tables."""
