using System.Buffers.Binary;
using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>The five bytes before each message: a compression flag and the length, big-endian.</summary>
internal static class FrameHeader
{
    internal const int Size = 5;

    internal static void Write(Span<byte> header, bool isCompressed, int payloadLength)
    {
        header[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)payloadLength);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="RpcException">A flag other than 0 or 1, or a length above the limit.</exception>
    internal static int Read(ReadOnlySpan<byte> header, int? maxPayloadLength, out bool isCompressed)
    {
        if (header[0] > 1)
        {
            throw Faults.Internal($"Message header has compression flag {header[0]}; must be 0 or 1.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        Faults.CheckReceivedSize(length, maxPayloadLength);
        isCompressed = header[0] == 1;
        return (int)length;
    }
}
