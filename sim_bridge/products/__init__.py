"""Printed products made by code: meshes, prints, the 30 evaluation products and random siblings."""
