"""The tiny Qwen3-VL in plain PyTorch, layer for layer as transformers writes it, for the benchmark `vlm`.

Usage: rival.py FOLDER THREADS. FOLDER holds model.safetensors and work.json. Reads commands from standard input,
one a line: `logits` answers with numbers of one forward pass; `prefill`, `decode`, and `train` run once and answer
with process CPU seconds.
"""
import json
import mmap
import struct
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


def read_safetensors(path):
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, offset=8 + size + start, count=(end - start) // 4)
            tensors[name] = flat.view(entry["shape"]).clone()
    return tensors


def rotate_half(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), dim=-1)


def attend(q, k, v, mask, groups):
    if groups > 1:
        b, h, t, d = k.shape
        k = k[:, :, None].expand(b, h, groups, t, d).reshape(b, h * groups, t, d)
        v = v[:, :, None].expand(b, h, groups, t, d).reshape(b, h * groups, t, d)
    scores = torch.matmul(q, k.transpose(2, 3)) * q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + mask
    return torch.matmul(F.softmax(scores, dim=-1, dtype=torch.float32).to(q.dtype), v)


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        variance = x.float().pow(2).mean(-1, keepdim=True)
        return self.weight * (x.float() * torch.rsqrt(variance + self.eps)).to(x.dtype)


class VisionMlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.linear_fc1 = nn.Linear(c["hidden"], c["inner"])
        self.linear_fc2 = nn.Linear(c["inner"], c["hidden"])

    def forward(self, x):
        return self.linear_fc2(F.gelu(self.linear_fc1(x), approximate="tanh"))


class VisionAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["heads"]
        self.qkv = nn.Linear(c["hidden"], 3 * c["hidden"])
        self.proj = nn.Linear(c["hidden"], c["hidden"])

    def forward(self, x, frames, cos, sin):
        n, width = x.shape
        q, k, v = self.qkv(x).reshape(n, 3, self.heads, -1).permute(1, 0, 2, 3).unbind(0)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        q, k, v = (t.view(frames, n // frames, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        return self.proj(attend(q, k, v, None, 1).transpose(1, 2).reshape(n, width))


class VisionBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1 = nn.LayerNorm(c["hidden"], eps=1e-6)
        self.norm2 = nn.LayerNorm(c["hidden"], eps=1e-6)
        self.attn = VisionAttention(c)
        self.mlp = VisionMlp(c)

    def forward(self, x, frames, cos, sin):
        x = x + self.attn(self.norm1(x), frames, cos, sin)
        return x + self.mlp(self.norm2(x))


class Merger(nn.Module):
    def __init__(self, c, joined_norm):
        super().__init__()
        self.joined = 4 * c["hidden"]
        self.joined_norm = joined_norm
        self.norm = nn.LayerNorm(self.joined if joined_norm else c["hidden"], eps=1e-6)
        self.linear_fc1 = nn.Linear(self.joined, self.joined)
        self.linear_fc2 = nn.Linear(self.joined, c["out"])

    def forward(self, x):
        x = self.norm(x.view(-1, self.joined)) if self.joined_norm else self.norm(x).view(-1, self.joined)
        return self.linear_fc2(F.gelu(self.linear_fc1(x)))


class PatchEmbed(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.proj = nn.Conv3d(3, c["hidden"], kernel_size=(c["frames"], c["patch"], c["patch"]))

    def forward(self, x):  # a product with the unfolded kernel: the convolution itself is many times slower here
        return F.linear(x, self.proj.weight.view(self.proj.weight.shape[0], -1), self.proj.bias)


class Vision(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.patch_embed = PatchEmbed(c)
        self.pos_embed = nn.Embedding(c["positions"], c["hidden"])
        self.blocks = nn.ModuleList(VisionBlock(c) for _ in range(c["depth"]))
        self.merger = Merger(c, False)
        self.deepstack_merger_list = nn.ModuleList(Merger(c, True) for _ in c["deepstack"])
        side = c["grid"]
        rows, columns = [], []
        for r in range(0, side, 2):
            for s in range(0, side, 2):
                for i in range(4):
                    rows.append(r + i // 2)
                    columns.append(s + i % 2)
        rows, columns = torch.tensor(rows), torch.tensor(columns)
        d = c["hidden"] // c["heads"]
        inverse = 1.0 / 10000 ** (torch.arange(0, d // 2, 2).float() / (d // 2))
        angles = torch.cat((rows[:, None] * inverse, columns[:, None] * inverse), -1)
        angles = torch.cat((angles, angles), -1)
        table = int(c["positions"] ** 0.5)
        assert table == side, "the benchmark's grid is the table itself"
        self.index = rows * table + columns
        self.cos, self.sin = angles.cos()[:, None], angles.sin()[:, None]

    def forward(self, pixels, frames):
        x = self.patch_embed(pixels)
        x = (x.view(frames, -1, x.shape[-1]) + self.pos_embed(self.index)).view(-1, x.shape[-1])
        cos, sin = self.cos.repeat(frames, 1, 1), self.sin.repeat(frames, 1, 1)
        deepstack = []
        for i, block in enumerate(self.blocks):
            x = block(x, frames, cos, sin)
            if i in self.c["deepstack"]:
                deepstack.append(self.deepstack_merger_list[self.c["deepstack"].index(i)](x))
        return self.merger(x), deepstack


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        d = c["head"]
        self.q_proj = nn.Linear(c["hidden"], c["heads"] * d, bias=False)
        self.k_proj = nn.Linear(c["hidden"], c["keys"] * d, bias=False)
        self.v_proj = nn.Linear(c["hidden"], c["keys"] * d, bias=False)
        self.o_proj = nn.Linear(c["heads"] * d, c["hidden"], bias=False)
        self.q_norm = RmsNorm(d, c["eps"])
        self.k_norm = RmsNorm(d, c["eps"])

    def forward(self, x, cos, sin, mask, cache, layer):
        b, t, _ = x.shape
        q = self.q_norm(self.q_proj(x).view(b, t, -1, self.c["head"])).transpose(1, 2)
        k = self.k_norm(self.k_proj(x).view(b, t, -1, self.c["head"])).transpose(1, 2)
        v = self.v_proj(x).view(b, t, -1, self.c["head"]).transpose(1, 2)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        if cache is not None:
            k, v = cache.update(layer, k, v)
        out = attend(q, k, v, mask, self.c["heads"] // self.c["keys"])
        return self.o_proj(out.transpose(1, 2).reshape(b, t, -1))


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden"], c["inner"], bias=False)
        self.up_proj = nn.Linear(c["hidden"], c["inner"], bias=False)
        self.down_proj = nn.Linear(c["inner"], c["hidden"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = Mlp(c)
        self.input_layernorm = RmsNorm(c["hidden"], c["eps"])
        self.post_attention_layernorm = RmsNorm(c["hidden"], c["eps"])

    def forward(self, x, cos, sin, mask, cache, layer):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask, cache, layer)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed_tokens = nn.Embedding(c["vocabulary"], c["hidden"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["hidden"], c["eps"])
        d = c["head"]
        self.inverse = 1.0 / c["theta"] ** (torch.arange(0, d, 2).float() / d)
        self.axis = torch.tensor([k % 3 if k % 3 and k < 3 * c["sections"][k % 3] else 0 for k in range(d // 2)])

    def rotary(self, positions):  # [3, batch, tokens] -> [batch, 1, tokens, d]
        angles = positions[self.axis].permute(1, 2, 0).float() * self.inverse
        angles = torch.cat((angles, angles), -1)[:, None]
        return angles.cos(), angles.sin()

    def forward(self, x, positions, mask, cache, places=None, deepstack=()):
        cos, sin = self.rotary(positions)
        for i, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, cache, i)
            if i < len(deepstack):
                x = x.view(-1, x.shape[-1]).index_add(0, places, deepstack[i]).view(x.shape)
        return self.norm(x)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.model = nn.Module()
        self.model.visual = Vision(c["vision"])
        self.model.language_model = Decoder(c["text"])
        self.lm_head = nn.Linear(c["text"]["hidden"], c["text"]["vocabulary"], bias=False)

    def states(self, work, cache=None):
        decoder = self.model.language_model
        x = decoder.embed_tokens(work.ids)
        tokens, deepstack = self.model.visual(work.pixels, work.ids.shape[0])
        x = x.view(-1, x.shape[-1]).index_copy(0, work.places, tokens).view(x.shape)
        return decoder(x, work.positions, work.mask, cache, work.places, deepstack)


class Cache:
    """Prompts repeated for every completion; new keys go into memory taken once."""

    def __init__(self):
        self.items, self.length = {}, {}

    def update(self, layer, k, v):
        if layer not in self.items:
            self.items[layer], self.length[layer] = (k, v), k.shape[2]
            return k, v
        keys, values = self.items[layer]
        at = self.length[layer]
        keys[:, :, at:at + 1] = k
        values[:, :, at:at + 1] = v
        self.length[layer] = at + 1
        return keys[:, :, :at + 1], values[:, :, :at + 1]

    def expand(self, times, room):
        for layer, pair in self.items.items():
            grown = []
            for t in pair:
                b, h, n, d = t.shape
                g = torch.empty(b * times, h, n + room, d)
                g[:, :, :n] = t.repeat_interleave(times, 0)
                grown.append(g)
            self.items[layer] = tuple(grown)


class Work:
    def __init__(self, w, count):
        self.ids = torch.tensor(w["ids"])[None].repeat(count, 1)
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(5)
        self.pixels = torch.rand(count * w["patches"], w["patch_width"], generator=generator) * 2 - 1
        self.positions = torch.tensor(w["positions"])[:, None].repeat(1, count, 1)
        self.next = w["next"]
        self.places = (self.ids.view(-1) == w["image_token"]).nonzero().view(-1)
        t = self.ids.shape[1]
        self.mask = torch.full((t, t), torch.finfo(torch.float32).min).triu(1)
        self.answer = w["answer"]


def main():
    folder, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    w = json.load(open(folder + "/work.json"))
    model = Model(w["config"])
    model.load_state_dict(read_safetensors(folder + "/model.safetensors"))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
    work = {name: Work(w, w["batch"][name]) for name in ("prefill", "decode", "train")}

    def prefill():
        with torch.inference_mode():
            return model.lm_head(model.states(work["prefill"], Cache())[:, -1])

    def decode():
        with torch.inference_mode():
            cache, job, group, steps = Cache(), work["decode"], w["completions"], w["steps"]
            last = model.lm_head(model.states(job, cache)[:, -1]).repeat_interleave(group, 0)
            cache.expand(group, steps)
            tokens, scores = [], []
            for step in range(steps):
                log = F.log_softmax(last, -1)
                token = torch.multinomial(log.exp(), 1)
                tokens.append(token)
                scores.append(log.gather(1, token))
                if step + 1 < steps:
                    x = model.model.language_model.embed_tokens(token)
                    at = torch.full((3, token.shape[0], 1), job.next + step)
                    last = model.lm_head(model.model.language_model(x, at, None, cache))[:, 0]
            return torch.cat(tokens, 1).tolist(), torch.cat(scores, 1).tolist()

    def train():
        job = work["train"]
        optimiser.zero_grad()
        count = job.answer
        states = model.states(job)[:, -count - 1:-1]
        loss = F.cross_entropy(model.lm_head(states).flatten(0, 1), job.ids[:, -count:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    def logits():
        job = Work(w, 1)
        job.pixels = torch.linspace(-1, 1, job.pixels.numel()).view(job.pixels.shape)
        with torch.inference_mode():
            return model.lm_head(model.states(job)[0, -1]).tolist()

    actions = {"prefill": prefill, "decode": decode, "train": train}
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        name = line.strip()
        if name == "logits":
            print(json.dumps(logits()), flush=True)
            continue
        start = time.process_time()
        actions[name]()
        print(time.process_time() - start, flush=True)


main()
