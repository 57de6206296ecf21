"""The planner's parameters."""

from culture_perception.nodes.parameters import Setting

SETTINGS = (
    Setting("text", "", "what to pick, for example おーいお茶のペットボトル", dynamic=True),
    Setting("language", "", "BCP-47 tag of the text; empty: any label's", dynamic=True),
    Setting("take_best", False, "of several things that fit, take the likeliest", dynamic=True),
    Setting(
        "take_doubtful",
        1.0,
        "take what perception does not believe, from this probability on, if nothing else comes "
        "near; for who knows that the thing is there. 1: never",
        dynamic=True,
        minimum=0.0,
        maximum=1.0,
    ),
    Setting("looks", 3, "how often to look before it is not found", minimum=1, maximum=20),
    Setting("tries", 3, "places on a thing that are tried", minimum=1, maximum=20),
    Setting("find_timeout_s", 20.0, "of one look", minimum=0.1, maximum=600.0),
)
