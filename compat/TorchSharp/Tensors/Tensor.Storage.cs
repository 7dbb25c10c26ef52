namespace TorchSharp;

public static unsafe partial class torch
{
    /// <summary>Writes one tensor: element type, rank, sizes as LEB128, then the bytes.</summary>
    public static void save(Tensor t, string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        t.Save(writer);
    }

    public static Tensor load(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        return Tensor.Load(reader);
    }

    public partial class Tensor
    {
        public void Save(BinaryWriter writer)
        {
            writer.Write7BitEncodedInt((int)dtype);
            writer.Write7BitEncodedInt((int)ndim);
            foreach (var size in shape)
            {
                writer.Write7BitEncodedInt64(size);
            }

            using var scope = NewDisposeScope();
            var plain = detach().cpu().contiguous();
            writer.Write(plain.bytes);
        }

        /// <summary>Reads values that <see cref="Save"/> wrote into this tensor; type and shape must agree.</summary>
        public void Load(BinaryReader reader, bool skip = false)
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var source = Load(reader);
            if (source.dtype != dtype || !source.shape.AsSpan().SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"The stored tensor is {source.dtype} [{string.Join(", ", source.shape)}]; "
                    + $"expected {dtype} [{string.Join(", ", shape)}].");
            }

            if (!skip)
            {
                copy_(source);
            }
        }

        public static Tensor Load(BinaryReader reader)
        {
            var type = (ScalarType)reader.Read7BitEncodedInt();
            var sizes = new long[reader.Read7BitEncodedInt()];
            for (var i = 0; i < sizes.Length; i++)
            {
                sizes[i] = reader.Read7BitEncodedInt64();
            }

            var result = empty(sizes, type);
            reader.BaseStream.ReadExactly(result.bytes);
            return result;
        }
    }
}
