"""Experiments as a page that opens without network: tables, charts, and a gallery of scenes."""
