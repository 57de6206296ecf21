"""Stand-ins for a camera: a folder of pictures, a recording, a video; they know no ROS."""
