using Google.Protobuf;
using PhysIntuition.Faults;
using PhysIntuition.Server.Services;
using PhysIntuition.V1;

namespace PhysIntuition.Embedded;

/// <summary>The methods of physintuition.h by number.</summary>
internal static class EmbeddedCalls
{
    /// <summary>PHYSINTUITION_STREAM_DATASET.</summary>
    public const int StreamDataset = 13;

    /// <summary>Carries out a call.</summary>
    /// <param name="engine">What it calls.</param>
    /// <param name="context">For whom.</param>
    /// <param name="method">Its number.</param>
    /// <param name="request">The bytes of its message.</param>
    /// <exception cref="PhysIntuitionException">The number or the bytes mean nothing, or the call fails.</exception>
    public static Task<Held<IMessage>> RunAsync(
        LocalEngine engine, CallContext context, int method, ReadOnlySpan<byte> request)
    {
        var calls = engine.Calls;
        switch (method)
        {
            case 1:
                return Done(engine.Description.Info);
            case 2:
                return Done(engine.Description.Tasks);
            case 3:
                return Done(engine.Description.Task(Read(GetTaskRequest.Parser, request).Task));
            case 4:
                return Done(calls.Create(context, Read(CreateRequest.Parser, request)));
            case 5:
                return Message(calls.ResetAsync(context, Read(ResetRequest.Parser, request)));
            case 6:
                return Message(calls.StepAsync(context, Read(StepRequest.Parser, request)));
            case 7:
                return Message(calls.RenderAsync(context, Read(RenderRequest.Parser, request)));
            case 8:
                return Done(EnvironmentCalls.Close(context, Read(CloseRequest.Parser, request)));
            case 9:
                return Message(calls.SnapshotAsync(context, Read(SnapshotRequest.Parser, request)));
            case 10:
                return Message(calls.RestoreAsync(context, Read(RestoreRequest.Parser, request)));
            case 11:
                return Message(calls.ForkAsync(context, Read(ForkRequest.Parser, request)));
            case 12:
                return ScoreAsync(calls, context, Read(ScoreRequest.Parser, request));
            default:
                throw new PhysIntuitionException(Fault.InvalidArgument, "method", method == StreamDataset
                    ? $"'method' is {method}, which has many replies. Submit it, and poll."
                    : $"'method' is {method}; there are 1 to {StreamDataset}. See physintuition.h.");
        }
    }

    private static Task<Held<IMessage>> Done(IMessage reply) => Task.FromResult(new Held<IMessage>(reply));

    private static async Task<Held<IMessage>> Message<T>(Task<Held<T>> call)
        where T : IMessage
    {
        var reply = await call;
        return new Held<IMessage>(reply.Message, reply.ReplyBuffer);
    }

    private static async Task<Held<IMessage>> ScoreAsync(
        EnvironmentCalls calls, CallContext context, ScoreRequest request)
    {
        var session = context.Session;
        return new(await calls.ScoreAsync(session.Owner, session.Share, request, context.Cancellation));
    }

    private static T Read<T>(MessageParser<T> parser, ReadOnlySpan<byte> request)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(request);
        }
        catch (InvalidProtocolBufferException unreadable)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "request",
                $"The request is no {typeof(T).Name}: {unreadable.Message}") { Reason = "UNREADABLE" };
        }
    }
}
