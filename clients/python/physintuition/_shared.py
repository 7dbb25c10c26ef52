"""Raw tensors through memory that server and client both map; docs/protocol.md has the layout."""

from __future__ import annotations

import mmap
import struct
from math import prod

import numpy as np

from .v1 import environment_pb2 as pb


class SharedMemory:
    """The client's view of an environment's shared file. Arrays over it keep the mapping alive."""

    def __init__(self, memory: pb.SharedMemory):
        with open(memory.path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), memory.bytes, access=mmap.ACCESS_READ)
        if struct.unpack_from("<Q", self._map)[0] != memory.nonce:
            raise OSError("The file is another one's.")

    @staticmethod
    def open(memory: pb.SharedMemory) -> "SharedMemory | None":
        """Maps the memory; None: it is not on this machine, or not this user's."""
        try:
            return SharedMemory(memory)
        except (OSError, ValueError, struct.error):
            return None

    def bytes(self, offset: int, length: int) -> bytes:
        """A copy of what lies there."""
        return self._map[offset:offset + length]

    def array(self, dtype: np.dtype, tensor: pb.Tensor) -> np.ndarray:
        """The elements of a tensor, in place."""
        shape = tuple(tensor.shape)
        return np.frombuffer(self._map, dtype, prod(shape), tensor.memory_offset).reshape(shape)
