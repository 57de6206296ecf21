"""From a camera and what it sees to messages."""

from dataclasses import dataclass

from builtin_interfaces.msg import Time
from culture_interfaces.msg import LabelledMaskArray
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from culture_perception.images import array_to_image
from culture_perception.nodes.mask_messages import truth_to_message
from sim_bridge.camera import Camera
from sim_bridge.world import Observation


@dataclass(frozen=True)
class SceneMessages:
    """What is published of one scene. All headers are `header`, so they can not differ.

    Attributes:
        header: Optical frame, and the stamp of the last publication.
        color: rgb8.
        depth: 32FC1, metres, NaN where nothing is.
        info: Of both images.
        id_image: mono16, 0 background, 1, 2, … the instances.
        masks: Ground truth.
    """

    header: Header
    color: Image
    depth: Image
    info: CameraInfo
    id_image: Image
    masks: LabelledMaskArray

    def stamp(self, stamp: Time) -> None:
        """Gives all messages this stamp."""
        self.header.stamp = stamp


def scene_messages(
    camera: Camera, frame_id: str, seen: Observation, label_set: str
) -> SceneMessages:
    """Makes the messages of one scene, not yet stamped.

    Args:
        camera: That saw it.
        frame_id: Its optical frame.
        seen: What it saw.
        label_set: Whose products are on the table.
    """
    header = Header(frame_id=frame_id)
    masks = [seen.id_image == number for number in range(1, len(seen.concept_ids) + 1)]
    return SceneMessages(
        header=header,
        color=array_to_image(seen.image_rgb, "rgb8", header),
        depth=array_to_image(seen.depth_m, "32FC1", header),
        info=camera_info(camera, header),
        id_image=array_to_image(seen.id_image, "mono16", header),
        masks=truth_to_message(label_set, seen.concept_ids, masks, header),
    )


def camera_info(camera: Camera, header: Header) -> CameraInfo:
    """Intrinsics of a camera without distortion; the image is rectified as it is."""
    return CameraInfo(
        header=header,
        height=camera.height,
        width=camera.width,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[camera.fx, 0.0, camera.cx, 0.0, 0.0, camera.fy, camera.cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def optical_frame_transform(camera: Camera, header: Header, child_frame: str) -> TransformStamped:
    """Pose of the optical frame (REP-103: z forward, x right, y down) in `header.frame_id`."""
    x, y, z = camera.position
    qx, qy, qz, qw = camera.quaternion_xyzw
    return TransformStamped(
        header=header,
        child_frame_id=child_frame,
        transform=Transform(
            translation=Vector3(x=float(x), y=float(y), z=float(z)),
            rotation=Quaternion(x=float(qx), y=float(qy), z=float(qz), w=float(qw)),
        ),
    )
