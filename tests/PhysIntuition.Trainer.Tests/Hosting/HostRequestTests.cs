using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>What a host says to requests that it cannot answer.</summary>
public sealed class HostRequestTests(TinyModel tiny)
{
    [Theory]
    [InlineData("""{"temperature":3}""", "temperature", "'temperature' is 3; must be a number in [0, 2].")]
    [InlineData("""{"top_p":0}""", "top_p", "must be in (0, 1]")]
    [InlineData("""{"n":1000}""", "n", "'n' is 1000; must be a whole number in [1, 64].")]
    [InlineData("""{"max_tokens":1.5}""", "max_tokens", "must be a whole number in [1, 4096].")]
    [InlineData("""{"max_tokens":99999}""", "max_tokens", "'max_tokens' is 99999")]
    [InlineData("""{"top_logprobs":2}""", "top_logprobs", "needs 'logprobs'; set it to true.")]
    [InlineData("""{"temprature":0}""", "temprature", "Did you mean 'temperature'?")]
    [InlineData("""{"stop":[""]}""", "stop", "none empty")]
    [InlineData("""{"seed":"x"}""", "seed", "must be a whole number")]
    [InlineData("""{"stream":1}""", "stream", "must be true or false")]
    [InlineData("""{"frequency_penalty":0.5}""", "frequency_penalty", "only the default, 0. Leave it out.")]
    [InlineData("""{"tools":[{"type":"function"}]}""", "tools", "only the default")]
    [InlineData("""{"messages":[{"role":"user","content":"a <|image_pad|>"}]}""", "messages", "spell <|image_pad|>")]
    [InlineData("""{"messages":[]}""", "messages", "at least one")]
    [InlineData("""{"messages":null}""", "messages", "'messages' is missing")]
    [InlineData("""{"messages":[{"role":"usr","content":"x"}]}""", "messages[0].role", "Did you mean 'user'?")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"audio"}]}]}""", "messages[0].content[0].type",
        "There is text, image_url.")]
    [InlineData("picture http://x/y.png", "messages[0].content[0].image_url.url", "this server fetches nothing")]
    [InlineData("picture data:image/png;base64,=A=", "messages[0].content[0].image_url.url", "has no base64")]
    [InlineData("picture data:image/png;base64,AAAA", "messages[0].content[0].image_url.url", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"system","content":"y"}]}""", null,
        "or system as the first")]
    public async Task Complete_ValueThatCannotBe_IsRefusedInOpenAisShape(string members, string? field, string says)
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        var body = Hosted.Ask("Will it fall?");
        var given = !members.StartsWith("picture", StringComparison.Ordinal) ? members
            : """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"URL"}}]}]}"""
                .Replace("URL", members["picture ".Length..], StringComparison.Ordinal);
        foreach (var (name, value) in JsonNode.Parse(given)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        using var reply = await host.PostAsync("v1/chat/completions", body);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        var error = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(("invalid_request_error", field), ((string?)error["type"], (string?)error["param"]));
        Assert.Contains(says, (string?)error["message"]);
        Assert.Equal((0, 0), host.Engine.Load);
    }

    [Theory]
    [InlineData("GET", "v1/nothing", "", 404, "there is POST /v1/chat/completions")]
    [InlineData("GET", "v1/models/tinny", "", 404, "Did you mean 'tiny'?")]
    [InlineData("POST", "v1/chat/completions", "{\"model\":", 400, "'body' is no JSON")]
    [InlineData("POST", "v1/chat/completions", "[1]", 400, "must be a JSON object")]
    [InlineData("POST", "v1/chat/completions", "{\"model\":\"tinny\"}", 404, "Did you mean 'tiny'?")]
    [InlineData("POST", "v1/load_lora_adapter", "{\"lora_name\":\"a\"}", 400, "'lora_path' is missing")]
    [InlineData("POST", "v1/load_lora_adapter", "{\"lora_name\":\"a\",\"lora_path\":\"/nowhere\"}", 400, "/nowhere")]
    [InlineData("POST", "v1/unload_lora_adapter", "{\"lora_name\":\"a\"}", 404, "'lora_name' is 'a'")]
    public async Task Request_ThatLeadsNowhere_IsToldWhatThereIs(
        string method, string path, string body, int status, string says)
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Server.Address, path));
        request.Content = body.Length == 0 ? null
            : new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using var reply = await host.Http.SendAsync(request);

        var text = await reply.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Contains(says, (string?)JsonNode.Parse(text)!["error"]!["message"]);
    }

    [Fact]
    public async Task Complete_OtherContentType_IsRefused()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        using var content = new StringContent("{}", new MediaTypeHeaderValue("text/plain"));

        using var reply = await host.Http.PostAsync(new Uri(host.Server.Address, "v1/chat/completions"), content);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains("must be application/json", await reply.Content.ReadAsStringAsync());
    }
}
