namespace PhysIntuition.Leaderboard.Tests;

/// <summary>A claim holds for the run that was signed, in its season, and for nothing else.</summary>
public sealed class NameClaimTests : IDisposable
{
    private const string Season = "00ff";

    private static readonly ClaimedRun s_run = new("method", "Stability-v1", "tall-v1", 100, "{}");

    private readonly Ed25519Key _key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Fits_WhatWasSigned_HoldsForItsKeyAlone()
    {
        using var other = new Ed25519Key([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
        var claim = NameClaim.Sign(_key, Season, s_run);

        Assert.True(claim.Fits(Season, s_run));
        Assert.False((claim with { PublicKey = other.PublicKey }).Fits(Season, s_run));
        Assert.Equal("ed25519:" + Convert.ToHexStringLower(_key.PublicKey), claim.Owner);
    }

    public static TheoryData<string, ClaimedRun> Others => new()
    {
        { Season, s_run with { Method = "another" } },
        { Season, s_run with { Task = "Offset-v1" } },
        { Season, s_run with { Suite = "" } },
        { Season, s_run with { Count = 101 } },
        { Season, s_run with { Options = "" } },
        { "00fe", s_run },
        { Season, s_run with { Task = "Stability-v1\ntall-v1", Suite = "" } },   // a line feed moves no border
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Fits_AnotherRunOrSeason_IsNoClaim(string season, ClaimedRun run) =>
        Assert.False(NameClaim.Sign(_key, Season, s_run).Fits(season, run));

    [Theory]
    [InlineData(0)]
    [InlineData(NameClaim.MaxNonceLength + 1)]
    public void Fits_NonceOfAnotherLength_IsNoClaim(int length)
    {
        var claim = NameClaim.Sign(_key, Season, s_run);

        Assert.False((claim with { Nonce = new string('0', length) }).Fits(Season, s_run));
    }

    [Fact]
    public void Sign_SameRunTwice_GivesTwoClaims()
    {
        var (first, second) = (NameClaim.Sign(_key, Season, s_run), NameClaim.Sign(_key, Season, s_run));

        Assert.NotEqual(first.Nonce, second.Nonce);
        Assert.NotEqual(first.Signature, second.Signature);
        Assert.False((first with { Nonce = second.Nonce }).Fits(Season, s_run));
    }

    [Fact]
    public void Matches_Token_IsOnlyItsOwnHash()
    {
        var (token, other) = (RunTokens.NewToken(), RunTokens.NewToken());

        Assert.True(RunTokens.Matches(token, RunTokens.Hash(token)));
        Assert.False(RunTokens.Matches(other, RunTokens.Hash(token)));
        Assert.False(RunTokens.Matches(token, token));   // what is stored opens nothing
        Assert.Equal((64, 32), (token.Length, RunTokens.NewId().Length));
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", RunTokens.Hash("abc"));
    }
}
