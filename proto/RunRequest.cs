namespace PhysIntuition.V1;

/// <summary>What the calls of a stream have in common.</summary>
public sealed partial class RunRequest
{
    /// <summary>The environment that is called; 0: the call concerns none that exists.</summary>
    public uint CalledEnvironment => CallCase switch
    {
        CallOneofCase.Reset => Reset.Environment,
        CallOneofCase.Step => Step.Environment,
        CallOneofCase.Restore => Restore.Environment,
        CallOneofCase.Render => Render.Environment,
        CallOneofCase.Snapshot => Snapshot.Environment,
        CallOneofCase.Fork => Fork.Environment,
        CallOneofCase.Close => Close.Environment,
        _ => 0,
    };

    /// <summary>The client's number for a call that changes an environment; 0: not numbered.</summary>
    public ulong StepId => CallCase switch
    {
        CallOneofCase.Reset => Reset.StepId,
        CallOneofCase.Step => Step.StepId,
        CallOneofCase.Restore => Restore.StepId,
        _ => 0,
    };
}
