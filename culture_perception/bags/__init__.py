"""Recordings: written from topics, and scored without ROS."""
