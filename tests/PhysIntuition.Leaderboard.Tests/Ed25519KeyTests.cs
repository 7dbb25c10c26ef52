namespace PhysIntuition.Leaderboard.Tests;

public sealed class Ed25519KeyTests
{
    [Fact]
    public void Sign_FirstVectorOfTheStandard_GivesItsSignature()
    {
        // RFC 8032, section 7.1, TEST 1: the empty message.
        using var key = new Ed25519Key(Convert.FromHexString(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

        Assert.Equal(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            Convert.ToHexStringLower(key.Sign([])));
    }

    [Fact]
    public void Verify_OneBitChanged_IsRefused()
    {
        using var key = new Ed25519Key(new byte[32]);
        byte[] data = [1, 2, 3];
        var signature = key.Sign(data);

        Assert.True(Ed25519Key.Verify(key.PublicKey, data, signature));
        signature[10] ^= 1;
        Assert.False(Ed25519Key.Verify(key.PublicKey, data, signature));
        Assert.False(Ed25519Key.Verify(key.PublicKey, [1, 2, 4], key.Sign(data)));
    }

    [Fact]
    public void LoadOrCreate_SecondTime_FindsTheSameKeyInAPrivateFile()
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-key-").FullName;
        var path = Path.Combine(folder, "keys", "signing.key");

        using var first = Ed25519Key.LoadOrCreate(path);
        using var second = Ed25519Key.LoadOrCreate(path);

        Assert.Equal(first.PublicKey, second.PublicKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // order 1
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // order 2
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] // order 8
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // 1, written as p + 1
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // 1, with a sign it cannot have
    public void Verify_KeyUnderWhichAnybodyCanSign_IsRefused(string key)
    {
        // With a public key of low order, R = 0 or the identity and s = 0 satisfy the equation for many messages.
        var signatures = new[] { "01", "00" }.Select(first => Convert.FromHexString(first + new string('0', 126)));

        Assert.All(signatures, signature => Assert.All(Enumerable.Range(0, 16), message =>
            Assert.False(Ed25519Key.Verify(Convert.FromHexString(key), [(byte)message], signature))));
    }
}
