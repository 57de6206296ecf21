"""A PyBullet world whose cameras, depth and ground-truth masks are published as ROS topics."""
