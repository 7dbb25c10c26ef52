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
/// <param name="Request">Its fields are the path's, the query's and the body's.</param>
/// <param name="Reply">What it answers; null: another document.</param>
internal sealed record ApiMessages(MessageDescriptor Request, MessageDescriptor? Reply)
{
    /// <summary>The messages of an endpoint.</summary>
    public static ApiMessages Of<TRequest, TReply>()
        where TRequest : IMessage, new()
        where TReply : IMessage, new() => new(new TRequest().Descriptor, new TReply().Descriptor);
}
