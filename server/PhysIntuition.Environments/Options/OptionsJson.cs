using System.Text.Json.Serialization;

namespace PhysIntuition.Environments.Options;

/// <summary>How the options of every task are read and written: made by the compiler, not at run time.</summary>
[JsonSerializable(typeof(StabilityOptions))]
[JsonSerializable(typeof(OffsetOptions))]
[JsonSerializable(typeof(OffsetRetryOptions))]
[JsonSerializable(typeof(PushOutcomeOptions))]
[JsonSerializable(typeof(SlideOptions))]
[JsonSerializable(typeof(CollisionOptions))]
[JsonSerializable(typeof(PushOptions))]
[JsonSerializable(typeof(BalanceOptions))]
[JsonSerializable(typeof(JengaOptions))]
[JsonSerializable(typeof(BuildOptions))]
[JsonSerializable(typeof(PyramidOptions))]
[JsonSerializable(typeof(CountOptions))]
[JsonSerializable(typeof(OrderOptions))]
[JsonSerializable(typeof(LocateOptions))]
[JsonSerializable(typeof(MarginOptions))]
[JsonSerializable(typeof(DescribeOptions))]
[JsonSerializable(typeof(OutcomeOptions))]
[JsonSerializable(typeof(CauseOptions))]
[JsonSerializable(typeof(ImpulseOptions))]
[JsonSerializable(typeof(SequenceOptions))]
[JsonSerializable(typeof(SslOptions))]
[JsonSerializable(typeof(PhotoOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext;
