"""PhysIntuition: Gymnasium environments for intuitive physics, in this process or served over gRPC.

>>> import physintuition
>>> env = physintuition.make("Stability-v1")
>>> observation, info = env.reset(seed=1)
>>> observation, reward, terminated, truncated, info = env.step(1)
"""

import os

# gRPC reads it when it is loaded. With its usual strategy, epoll, children that are forked after a call share the
# parent's descriptor: four workers in lockstep stall for half a minute.
os.environ.setdefault("GRPC_POLL_STRATEGY", "poll")

from . import chat
from .client import Client, Task
from .environment import Environment, Step
from .errors import PhysIntuitionError
from .gymnasium import PhysIntuitionEnv, PhysIntuitionVectorEnv, make, make_vec, register
from .launcher import Server, ensure_server

__version__ = "0.1.0"
__all__ = [
    "Client", "Environment", "PhysIntuitionEnv", "PhysIntuitionError", "PhysIntuitionVectorEnv", "Server", "Step",
    "Task", "chat", "ensure_server", "make", "make_vec", "register",
]
