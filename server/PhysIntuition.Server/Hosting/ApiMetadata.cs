using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace PhysIntuition.Server.Hosting;

/// <summary>The JSON that an endpoint reads by itself, so that what is wrong with it gets a sentence.</summary>
/// <param name="Type">The record that it is read into.</param>
/// <param name="IsRequired">Whether it may be absent.</param>
internal sealed record ApiBody(Type Type, bool IsRequired)
{
    /// <summary>The body of an endpoint.</summary>
    public static ApiBody Of<T>(bool isRequired = true) => new(typeof(T), isRequired);
}

/// <summary>The endpoint takes a session's headers.</summary>
/// <param name="IsRequired">Whether they may be absent.</param>
internal sealed record ApiSession(bool IsRequired)
{
    public static ApiSession Needed { get; } = new(true);

    public static ApiSession Optional { get; } = new(false);
}

/// <summary>The messages of an endpoint that speaks protobuf's JSON.</summary>
/// <param name="RequestType">Its fields are the path's, the query's and the body's.</param>
/// <param name="ReplyType">What it answers; null: another document.</param>
/// <remarks>Descriptors are read when somebody asks for the document: that takes longer than all else of the server's
/// start.</remarks>
internal sealed record ApiMessages(Type RequestType, Type? ReplyType)
{
    /// <summary>The fields that it takes.</summary>
    public MessageDescriptor Request => DescriptorOf(RequestType);

    /// <summary>The fields that it answers with; null: another document.</summary>
    public MessageDescriptor? Reply => ReplyType is null ? null : DescriptorOf(ReplyType);

    private static MessageDescriptor DescriptorOf(Type message) =>
        ((IMessage)Activator.CreateInstance(message)!).Descriptor;
}
