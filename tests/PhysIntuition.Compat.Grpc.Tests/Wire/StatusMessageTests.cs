using PhysIntuition.Compat.Grpc.Wire;

namespace PhysIntuition.Compat.Grpc.Tests.Wire;

public sealed class StatusMessageTests
{
    [Theory]
    [InlineData("plain text ~", "plain text ~")]
    [InlineData("100 %", "100 %25")]
    [InlineData("a\nb\u007f", "a%0Ab%7F")]
    [InlineData("ü", "%C3%BC")]
    [InlineData("火", "%E7%81%AB")]
    [InlineData("\ud83d\ude80", "%F0%9F%9A%80")]
    public void Encode_AnyText_EscapesUtf8OutsidePrintableAscii(string message, string encoded)
    {
        Assert.Equal(encoded, StatusMessage.Encode(message));
        Assert.Equal(message, StatusMessage.Decode(encoded));
    }
}
