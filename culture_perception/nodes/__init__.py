"""ROS 2 nodes: a callback decodes, calls the core and publishes."""
