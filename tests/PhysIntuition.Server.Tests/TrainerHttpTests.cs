using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>What NeMo Gym's agents and VAGEN's rollouts ask of a server, in the order in which they ask.</summary>
public sealed class TrainerHttpTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>, IDisposable
{
    private const string Yes = "<answer>yes</answer>", Offset = "<answer>(-40, 260)</answer>";

    private readonly HttpClient _http = new() { BaseAddress = shared.Server.HttpAddress };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Verify_OfARow_GivesItBackWithTheRewardThatGrpcGives()
    {
        var row = Row("""{"task":"Offset-v1","seed":50,"_ng_task_index":3,"agent_ref":{"name":"simple"}}""");
        var seeded = await PostAsync("/seed_session", row);
        row["response"] = Response(Offset);
        var verified = await PostAsync("/verify", row);
        var expected = await shared.Server.Stub.ScoreAsync(new ScoreRequest
        {
            Task = "Offset-v1",
            Seeds = { 50 },
            Texts = new TextActions { Answers = { Offset } },
        });

        Assert.Null(seeded["responses_create_params"]);   // the row has its question
        Assert.Equal(Given.Floats(expected.Rewards)[0], (float)verified["reward"]!);
        Assert.NotEmpty((string)verified["verdict"]!);
        Assert.Null(verified["parse_error"]);
        foreach (var (name, value) in row)
        {
            Assert.Equal(value?.ToJsonString(), verified[name]?.ToJsonString());
        }
    }

    [Fact]
    public async Task SeedSession_OfARowWithoutAQuestion_AsksItWithThePicture()
    {
        var seeded = await PostAsync("/seed_session", """{"task":"Offset-v1","seed":50,"width":32,"height":32}""");
        var again = await PostAsync("/seed_session", """{"task":"Offset-v1","seed":50,"width":32,"height":32}""");

        var input = seeded["responses_create_params"]!["input"]!.AsArray();
        Assert.Equal(ChatMessages.System, (string)input[0]!["content"]!);
        Assert.Equal("user", (string)input[1]!["role"]!);
        var (picture, question) = (input[1]!["content"]![0]!, input[1]!["content"]![1]!);
        Assert.Equal("input_image", (string)picture["type"]!);
        Assert.StartsWith("data:image/png;base64,iVBOR", (string)picture["image_url"]!);
        Assert.Equal("input_text", (string)question["type"]!);
        Assert.NotEmpty((string)question["text"]!);
        Assert.Equal(seeded.ToJsonString(), again.ToJsonString());   // a group's members see the same
    }

    [Theory]
    [InlineData("""[{"type":"reasoning","summary":[]},{"type":"message","role":"assistant","content":"YES"}]""", true)]
    [InlineData("""[{"type":"message","content":"no"},{"type":"message","content":[{"text":"YES"}]}]""", true)]
    [InlineData("""[{"type":"function_call","name":"answer","arguments":"YES"}]""", false)]
    [InlineData("[]", false)]
    public async Task Verify_OfAResponse_ReadsItsLastMessage(string output, bool isRead)
    {
        var row = Row("""{"task":"Stability-v1","seed":1}""");
        row["response"] = new JsonObject
        {
            ["output"] = JsonNode.Parse(output.Replace("YES", Yes, StringComparison.Ordinal)),
        };
        var verified = await PostAsync("/verify", row);

        Assert.Equal(isRead, verified["parse_error"] is null);
        Assert.Equal(isRead, (float)verified["reward"]! >= 0);
    }

    // The turns before the last stand in the row's input, as an agent sends them with its last question.
    [Theory]
    [InlineData("OffsetRetry-v1", "{}", "<answer>(1, 1)</answer>")]
    [InlineData("Offset-v1", """{"attempts":2,"tries":1,"counts":"best"}""", "<try>(1, 1)</try>")]
    public async Task Verify_OfAConversation_PaysWhatItsStepsPay(string task, string options, string first)
    {
        var created = new CreateRequest
        {
            Task = task, OptionsJson = options, Autoreset = AutoresetMode.Disabled,
        };
        string[] said = [first, Offset, "I give up."];
        var headers = await shared.Server.OpenAsync();
        var environment = (await shared.Server.Stub.CreateAsync(created, headers)).Environment;
        await shared.Server.Stub.ResetAsync(
            new ResetRequest { Environment = environment.Environment, Seed = 50 }, headers);
        var expected = 0f;
        foreach (var text in said)
        {
            var step = await shared.Server.Stub.StepAsync(new StepRequest
            {
                Environment = environment.Environment, Texts = new TextActions { Answers = { text } },
            }, headers);
            expected += Given.Floats(step.Rewards)[0];
        }

        var row = Row($$"""{"task":"{{task}}","seed":50,"options":{{options}}}""");
        row["responses_create_params"] = new JsonObject
        {
            ["input"] = new JsonArray(
                Message("system", "Look."), Message("user", "Where?"), Message("assistant", said[0]),
                Message("user", "Not there. Where?"), Message("assistant", said[1]), Message("user", "And now?")),
        };
        row["response"] = Response(said[2]);
        var verified = await PostAsync("/verify", row);

        Assert.Equal(3u, environment.MaxSteps);
        Assert.Equal(expected, (float)verified["reward"]!, 1e-5f);
        Assert.NotNull(verified["parse_error"]);
    }

    [Fact]
    public async Task AggregateMetrics_OfRewards_SumsThemUpByTask()
    {
        var metrics = await PostAsync("/aggregate_metrics", """
            {"verify_responses":[{"_ng_task_index":1,"reward":1},{"_ng_task_index":0,"reward":0.5},
             {"_ng_task_index":1,"reward":0}]}
            """);
        var nothing = await PostAsync("/aggregate_metrics", """{"verify_responses":[]}""");
        var mode = JsonNode.Parse(await _http.GetStringAsync("/reverify_mode").WaitAsync(RunningServer.Patience))!;

        var (all, groups) = (metrics["agent_metrics"]!, metrics["group_level_metrics"]!.AsArray());
        Assert.Equal(0.5, (double)all["mean/reward"]!);
        Assert.Equal(0.5, (double)all["median/reward"]!);
        Assert.Equal(0.5, (double)all["std/reward"]!, tolerance: 1e-12);   // of 0, 0.5, 1 as a sample
        Assert.Equal(0.5, (double)metrics["key_metrics"]!["mean/reward"]!);
        Assert.Equal([0, 1], groups.Select(group => (int)group!["_ng_task_index"]!));
        Assert.Equal(0, (double)groups[0]!["std/reward"]!);
        Assert.Empty(nothing["group_level_metrics"]!.AsArray());
        Assert.Equal("stateless", (string)mode!);
    }

    [Theory]
    [InlineData("/verify", """{"seed":1}""", 422, "task")]
    [InlineData("/verify", """{"task":"Stability-v1"}""", 422, "seed")]
    [InlineData("/verify", """{"task":"Stability-v1","seed":-1}""", 422, "seed")]
    [InlineData("/verify", """{"task":"Stability-v1","seed":1}""", 422, "response.output")]
    [InlineData("/verify", """{"task":"Stabilty-v1","seed":1,"response":{"output":[]}}""", 404, "task")]
    [InlineData("/verify", """{"task":"Stability-v1","seed":1,"split":"x","response":{"output":[]}}""", 422, "split")]
    [InlineData("/verify", """{"task":"Stability-v1","seed":1,"split":"heldout","response":{"output":[]}}""", 403,
        "split")]
    [InlineData("/verify",
        """{"task":"Stability-v1","seed":1,"response":{"output":[{"type":"message","content":7}]}}""", 422,
        "response.output.content")]
    [InlineData("/verify", "[]", 422, "body")]
    [InlineData("/verify", "", 422, "body")]
    [InlineData("/seed_session", """{"task":"Stability-v1","seed":1,"split":"heldout"}""", 403, "split")]
    [InlineData("/seed_session", """{"task":"Stability-v1","seed":1,"options":{"blocks":99}}""", 422, "options")]
    [InlineData("/aggregate_metrics", """{"verify_responses":[{"reward":"1"}]}""", 422, "verify_responses[0].reward")]
    [InlineData("/aggregate_metrics", "{}", 422, "verify_responses")]
    [InlineData("/environments", "{}", 422, "ids2configs")]
    [InlineData("/environments", """{"ids2configs":{"a":{"env_name":"sokoban"}}}""", 404, "task")]
    [InlineData("/environments", """{"ids2configs":{"a":{"env_config":{}}}}""", 422, "env_name")]
    [InlineData("/environments", """{"ids2configs":{"a":{"env_name":"Offset-v1","env_config":{"spilt":"val"}}}}""",
        422, "spilt")]
    [InlineData("/environments", """{"ids2configs":{"a":{"env_name":"Offset-v1","env_config":{"split":"heldout"}}}}""",
        403, "split")]
    [InlineData("/batch/reset", """{"ids2seeds":{"never":1}}""", 404, "env_ids")]
    [InlineData("/batch/step", """{"ids2actions":[]}""", 422, "ids2actions")]
    [InlineData("/batch/reward", """{"env_ids":"a"}""", 422, "env_ids")]
    [InlineData("/batch/system_prompt", """{"env_ids":[1]}""", 422, "env_ids[0]")]
    [InlineData("/batch/close", "{}", 422, "env_ids")]
    public async Task Post_OfSomethingWrong_IsAProblemThatNamesTheField(
        string path, string body, int status, string field)
    {
        using var answer = await _http.PostAsync(path, Json(body)).WaitAsync(RunningServer.Patience);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal((status, "application/problem+json"),
            ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith(field, (string)problem["field"]!);
        Assert.NotEmpty((string)problem["detail"]!);
    }

    // As VAGEN's rollout manager does: close none, make, reset, prompts, steps of those that go on, rewards, close.
    [Theory]
    [InlineData("")]
    [InlineData("/vagen")]
    public async Task Batch_OfAGroup_PlaysTheEpisodesThatGrpcPlays(string prefix)
    {
        string[] ids = [$"train1{prefix}", $"train2{prefix}", $"train3{prefix}"];
        await PostAsync($"{prefix}/batch/close", """{"env_ids":[]}""");
        var made = await PostAsync($"{prefix}/environments", Batch("ids2configs", ids, _ => Row(
            """{"env_name":"OffsetRetry-v1","env_config":{"split":"val","width":32,"height":32},"seed":9}""")));
        var first = (await PostAsync($"{prefix}/batch/reset", Batch("ids2seeds", ids, id => id == ids[2] ? 8 : 7)))
            ["results"]!;
        var prompts = await PostAsync($"{prefix}/batch/system_prompt", Named(ids));

        Assert.True((bool)made["success"]!);
        Assert.Equal(ids, prompts["system_prompts"]!.AsObject().Select(prompt => prompt.Key));
        Assert.Equal(ChatMessages.System, (string)prompts["system_prompts"]![ids[0]]!);
        Assert.Equal(Picture(first[ids[0]]!), Picture(first[ids[1]]!));   // the same seed, the same scene
        Assert.NotEqual(Picture(first[ids[0]]!), Picture(first[ids[2]]!));
        Assert.StartsWith("<image>\n", (string)first[ids[0]]![0]!["obs_str"]!);
        var total = 0f;
        for (var turn = 1; turn <= 3; turn++)
        {
            var results = (await PostAsync(
                $"{prefix}/batch/step", Batch("ids2actions", ids[..2], _ => Offset)))["results"]!;
            var (observation, reward, done, info) =
                (results[ids[0]]![0]!, (float)results[ids[0]]![1]!, (bool)results[ids[0]]![2]!, results[ids[0]]![3]!);
            total += reward;
            Assert.Equal(results[ids[0]]!.ToJsonString(), results[ids[1]]!.ToJsonString());
            Assert.Equal(turn == 3, done);
            Assert.Equal(Offset, (string)info["llm_raw_response"]!);
            Assert.True((bool)info["metrics"]!["turn_metrics"]!["action_is_valid"]!);
            Assert.Equal(total, (float)info["metrics"]!["traj_metrics"]!["return"]!, tolerance: 1e-5f);
            Assert.Equal(done, ((string)observation["obs_str"]!).EndsWith(
                "The episode is over.", StringComparison.Ordinal));
        }

        Assert.Equal(await ReturnAsync(), total, tolerance: 1e-5f);
        var rewards = await PostAsync($"{prefix}/batch/reward", Named(ids));
        Assert.All(rewards["rewards"]!.AsObject(), reward => Assert.Equal(0.0, (double)reward.Value!));
        await RefuseAsync($"{prefix}/batch/step", Batch("ids2actions", ids, _ => Offset), HttpStatusCode.Conflict);
        await PostAsync($"{prefix}/batch/step", Batch("ids2actions", ids[2..], _ => Offset));   // it was not touched
        await PostAsync($"{prefix}/batch/close", Named([.. ids, "never"]));
        await RefuseAsync($"{prefix}/batch/reset", Batch("ids2seeds", ids, _ => 1), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Environments_UnderAnIdThatExists_TakeItsPlace()
    {
        string[] ids = ["again"];
        await PostAsync("/environments", Batch("ids2configs", ids, _ => Row("""{"env_name":"Offset-v1"}""")));
        await PostAsync("/batch/reset", Batch("ids2seeds", ids, _ => 1));
        await PostAsync("/environments", Batch("ids2configs", ids, _ => Row("""{"env_name":"Stability-v1"}""")));
        await RefuseAsync("/batch/step", Batch("ids2actions", ids, _ => Yes), HttpStatusCode.Conflict);
        await PostAsync("/batch/reset", Batch("ids2seeds", ids, _ => (JsonNode?)null));
        var step = await PostAsync("/batch/step", Batch("ids2actions", ids, _ => Yes));
        await PostAsync("/batch/close", Named(ids));

        Assert.Contains((float)step["results"]!["again"]![1]!, new[] { 0f, 1f });
    }

    [Fact]
    public async Task VagenHealth_OfAServerThatTakesWork_IsOkAsVagenWaitsFor() => Assert.Equal(
        """{"status":"ok"}""", await _http.GetStringAsync("/vagen/health").WaitAsync(RunningServer.Patience));

    private async Task<float> ReturnAsync()
    {
        var headers = await shared.Server.OpenAsync();
        var environment = (await shared.Server.Stub.CreateAsync(
            new CreateRequest { Task = "OffsetRetry-v1", Split = "val", Slots = 1 }, headers)).Environment.Environment;
        await shared.Server.Stub.ResetAsync(new ResetRequest { Environment = environment, Seed = 7 }, headers);
        var total = 0f;
        for (var turn = 0; turn < 3; turn++)
        {
            total += Given.Floats((await shared.Server.Stub.StepAsync(new StepRequest
            {
                Environment = environment,
                Texts = new TextActions { Answers = { Offset } },
            }, headers)).Rewards)[0];
        }

        return total;
    }

    private async Task RefuseAsync(string path, JsonNode body, HttpStatusCode status)
    {
        using var answer = await _http.PostAsync(path, Json(body.ToJsonString())).WaitAsync(RunningServer.Patience);
        Assert.Equal(status, answer.StatusCode);
    }

    private Task<JsonNode> PostAsync(string path, JsonNode body) => PostAsync(path, body.ToJsonString());

    private async Task<JsonNode> PostAsync(string path, string body)
    {
        using var answer = await _http.PostAsync(path, Json(body)).WaitAsync(RunningServer.Patience);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    private static StringContent Json(string body) =>
        new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static JsonObject Batch<T>(string field, string[] ids, Func<string, T> value) => new()
    {
        [field] = new JsonObject(ids.Select(id => KeyValuePair.Create(id, value(id) switch
        {
            null => null,
            JsonNode node => node,
            var other => JsonValue.Create(other),
        }))),
    };

    private static JsonObject Named(string[] ids) =>
        new() { ["env_ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]) };

    private static string Picture(JsonNode result) =>
        (string)result[0]!["multi_modal_data"]!["<image>"]![0]!["__pil_image__"]!;

    private static JsonObject Row(string json)
    {
        var row = JsonNode.Parse(json)!.AsObject();
        if (row.ContainsKey("task"))
        {
            row["responses_create_params"] = JsonNode.Parse("""{"input":[{"role":"user","content":"?"}]}""");
        }

        return row;
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static JsonObject Response(string text) => new()
    {
        ["id"] = "r1",
        ["output"] = new JsonArray(new JsonObject
        {
            ["type"] = "message",
            ["role"] = "assistant",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text }),
        }),
    };
}
