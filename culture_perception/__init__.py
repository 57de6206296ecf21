"""Segments what a camera sees and names it in the language of the place where the robot works."""
