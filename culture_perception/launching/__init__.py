"""What the launch files share; it needs launch and launch_ros, which come with ROS only."""
