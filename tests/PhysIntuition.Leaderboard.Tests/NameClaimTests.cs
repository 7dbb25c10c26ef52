using Google.Protobuf;
using PhysIntuition.V1;

namespace PhysIntuition.Leaderboard.Tests;

/// <summary>A claim holds for the run that was signed, in its season, and for nothing else.</summary>
public sealed class NameClaimTests : IDisposable
{
    private const string Season = "00ff";

    private static readonly SeasonInfo[] s_seasons =
    [
        new() { Commitment = "00f0", IsOpen = true }, new() { Commitment = Season, IsOpen = true },
        new() { Commitment = "0100" },
    ];

    private readonly Ed25519Key _key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Fits_WhatWasSigned_HoldsForItsKeyAlone()
    {
        using var other = new Ed25519Key([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
        var request = Signed();

        Assert.True(NameClaim.Fits(request, Season));
        Assert.Equal("ed25519:" + Convert.ToHexStringLower(_key.PublicKey), NameClaim.OwnerOf(request.Claim));
        request.Claim.PublicKey = ByteString.CopyFrom(other.PublicKey);
        Assert.False(NameClaim.Fits(request, Season));
    }

    public static TheoryData<string, string> Others => new()
    {
        { Season, """{"method": "another"}""" },
        { Season, """{"task": "Offset-v1"}""" },
        { Season, """{"suite": "tall-v2"}""" },
        { Season, """{"count": 101}""" },
        { Season, """{"optionsJson": "[]"}""" },
        { "00fe", "{}" },
        { "00f0", "{}" },   // open, but not the last
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Fits_AnotherRunOrSeason_IsNoClaim(string season, string change)
    {
        var request = Signed();
        request.MergeFrom(OpenRunRequest.Parser.ParseJson(change));

        Assert.False(NameClaim.Fits(request, season));
    }

    [Fact]
    public void Fits_LineFeedInAField_MovesNoBorder()
    {
        var request = Signed();
        (request.Task, request.Suite) = ("Stability-v1\ntall-v1", "");

        Assert.False(NameClaim.Fits(request, Season));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(NameClaim.MaxNonceLength + 1)]
    public void Fits_NonceOfAnotherLength_IsNoClaim(int length)
    {
        var request = Signed();
        request.Claim.Nonce = new string('0', length);

        Assert.False(NameClaim.Fits(request, Season));
    }

    [Fact]
    public void Sign_SameRunTwice_GivesTwoClaims()
    {
        var (first, second) = (Signed(), Signed());

        Assert.NotEqual(first.Claim.Nonce, second.Claim.Nonce);
        Assert.NotEqual(first.Claim.Signature, second.Claim.Signature);
        first.Claim.Nonce = second.Claim.Nonce;
        Assert.False(NameClaim.Fits(first, Season));
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

    private OpenRunRequest Signed()
    {
        var request = new OpenRunRequest
        {
            Method = "method", Task = "Stability-v1", Suite = "tall-v1", Count = 100, OptionsJson = "{}",
        };
        NameClaim.Sign(_key, s_seasons, request);
        return request;
    }
}
