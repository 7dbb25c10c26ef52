// Programs that get a scene, one for each client: short, whole, and the same steps in each language.

/** Languages in the order of their buttons. */
export const LANGUAGES = ["Python", "C#", "TypeScript", "C++", "Go", "HTTP"];

/**
 * The program for a scene.
 * @param {string} language One of LANGUAGES.
 * @param {object} scene As /api/scenes/{task} tells it.
 * @param {object} options Those that differ from the task's own.
 */
export function codeFor(language, scene, options) {
  const facts = {
    ...scene, answer: scene.expertText, json: JSON.stringify(options), hasOptions: Object.keys(options).length > 0,
  };
  return { Python: python, "C#": csharp, TypeScript: typescript, "C++": cpp, Go: go, HTTP: http }[language](facts);
}

const python = ({ task, split, seed, answer, options: _, json, hasOptions, sceneHash }) => `import physintuition

client = physintuition.Client()    # 127.0.0.1:50051, see ./physintuition serve
env = client.make("${task}", split="${split}"${hasOptions ? `, options=${pythonic(JSON.parse(json))}` : ""})
seen = env.reset(seed=${seed}, observe=("rgb", "prompt", "scene_hash"))
picture = seen["rgb"][0]           # uint8[224, 224, 3]
print(f"{seen['scene_hash'][0]:016x}")   # ${sceneHash}
step = env.step(["${answer}"])
print(step.rewards[0])
client.close()
`;

const csharp = ({ task, split, seed, answer, json, hasOptions, sceneHash }) => `using PhysIntuition.Client;

await using var client = await PhysIntuitionClient.ConnectAsync();
await using var environment = await client.CreateAsync(new EnvironmentSettings("${task}")
{
    Split = "${split}",${hasOptions ? `\n    Options = """${json}""",` : ""}
    Observe = new Observe("rgb", "prompt", "scene_hash"),
});
var start = await environment.ResetAsync(new ResetSettings { Seed = ${seed} });
Console.WriteLine($"{start.Observations["scene_hash"].As<ulong>()[0]:x16}");   // ${sceneHash}
var step = await environment.StepAsync(["${answer}"]);
Console.WriteLine(step.Rewards[0]);
`;

const typescript = ({ task, split, seed, answer, json, hasOptions, sceneHash }) => `import { connect } from "physintuition";

const client = await connect();    // 127.0.0.1:50051, see ./physintuition serve
const environment = await client.make("${task}", {
  split: "${split}",${hasOptions ? ` options: ${json},` : ""} observe: ["rgb", "prompt", "scene_hash"],
});
const first = await environment.reset({ seed: ${seed}n });
const hash = (first.tensor("scene_hash").data as BigUint64Array)[0];
console.log(first.tensor("rgb").shape, hash.toString(16).padStart(16, "0"));   // ${sceneHash}
const step = await environment.step(["${answer}"]);
console.log(step.rewards[0]);
await client.close();
`;

const cpp = ({ task, split, seed, answer, json, hasOptions, sceneHash }) => `#include <cstdio>
#include <cstring>
#include <physintuition/physintuition.hpp>

int main() {
  physintuition::Client client("127.0.0.1:50051");   // see ./physintuition serve
  auto environment = client.make({.task = "${task}", .split = "${split}",${hasOptions ? ` .options = R"(${json})",` : ""}
                                  .observe = {"rgb", "prompt", "scene_hash"}});
  const auto shown = environment.reset({.seed = ${seed}});
  unsigned long long hash;
  std::memcpy(&hash, shown["scene_hash"].tensor().data().data(), sizeof hash);
  std::printf("%016llx\\n", hash);   // ${sceneHash}
  std::printf("%g\\n", environment.step({"${answer}"}).rewards[0]);
}
`;

const go = ({ task, split, seed, answer, json, hasOptions, sceneHash }) => `package main

import (
	"context"
	"encoding/binary"
	"fmt"

	"physintuition"
)

func main() {
	ctx := context.Background()
	client, err := physintuition.Connect("127.0.0.1:50051") // see ./physintuition serve
	if err != nil {
		panic(err)
	}
	defer client.Close()
	environment, err := client.Make(ctx, physintuition.Settings{
		Task: "${task}", Split: "${split}",${hasOptions ? ` Options: \`${json}\`,` : ""}
		Observe: []string{"rgb", "prompt", "scene_hash"},
	})
	if err != nil {
		panic(err)
	}
	shown, err := environment.Reset(ctx, physintuition.Seed(${seed}))
	if err != nil {
		panic(err)
	}
	hash := binary.LittleEndian.Uint64(shown.Get("scene_hash").Data)
	fmt.Printf("%016x\\n", hash) // ${sceneHash}
	step, err := environment.Step(ctx, physintuition.Texts("${answer}"))
	if err != nil {
		panic(err)
	}
	fmt.Println(step.Rewards[0])
}
`;

const http = ({ task, split, seed, answer, json, hasOptions }) => {
  const reset = JSON.stringify({ seed: Number(seed), split, ...(hasOptions ? { options: JSON.parse(json) } : {}) });
  const step = JSON.stringify({ action: { answer } });
  return `# OpenEnv's protocol: the headers of the first reply name the session.
curl -sD head.txt ${location.origin}/${task}/reset -H 'Content-Type: application/json' \\
  -d '${reset}' -o start.json                 # prompt, and the picture as base64
curl -s ${location.origin}/${task}/step -H 'Content-Type: application/json' \\
  -H "$(grep -i '^physintuition-session:' head.txt | tr -d '\\r')" \\
  -H "$(grep -i '^physintuition-session-token:' head.txt | tr -d '\\r')" \\
  -d '${step}'
`;
};

// JSON's words in Python's spelling.
const pythonic = (value) => JSON.stringify(value).replace(/\btrue\b/g, "True").replace(/\bfalse\b/g, "False").replace(/\bnull\b/g, "None");
