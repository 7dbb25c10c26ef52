"""Made by physintuition tasks --update: this version's tasks, and whether they have a state."""

TASKS = {
    "Stability-v1": True,
    "PyramidStability-v1": True,
    "RedRemove-v1": True,
    "OffsetX-v1": True,
    "Offset-v1": True,
    "OffsetRetry-v1": True,
    "Push-v1": True,
    "PushOutcome-v1": True,
    "PushRest-v1": True,
    "Collision-v1": True,
    "CollisionStop-v1": True,
    "Balance-v1": True,
    "Count-v1": True,
    "Order-v1": True,
    "Locate-v1": True,
    "SslRotation-v1": False,
    "SslJigsaw-v1": False,
    "SslPatchPosition-v1": False,
    "SslContrastive-v1": False,
    "RealTowers-v1": False,
}
