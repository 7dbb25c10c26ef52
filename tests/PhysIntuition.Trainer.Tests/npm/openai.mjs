// Asks a hosted model with the official client and prints what it was told, as JSON.
// usage: node openai.mjs BASE_URL MODEL PICTURE_DATA_URI
import OpenAI from "openai";

const [baseURL, model, picture] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{
  role: "user",
  content: [{ type: "image_url", image_url: { url: picture } }, { type: "text", text: "Will it fall?" }],
}];
const common = { model, messages, temperature: 0, max_completion_tokens: 6 };

const whole = await client.chat.completions.create({ ...common, n: 2, logprobs: true, top_logprobs: 2, seed: 1 });
const stream = await client.chat.completions.create({
  ...common, stream: true, stream_options: { include_usage: true },
});
const chunks = [];
for await (const chunk of stream) chunks.push(chunk);
const models = [];
for await (const item of client.models.list()) models.push(item.id);
const errors = [];
for (const wrong of [{ temperature: 3 }, { model: "tinny" }]) {
  try {
    await client.chat.completions.create({ ...common, ...wrong });
  } catch (error) {
    errors.push({ kind: error.constructor.name, status: error.status, param: error.param, message: error.message });
  }
}
console.log(JSON.stringify({ whole, chunks, models, errors }));
