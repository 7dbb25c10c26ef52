"""verl 0.8.0.dev, commit b178a3c: experimental/agent_loop/*agent_loop.py, tools/{base_tool,schemas}.py."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Optional
from uuid import uuid4

from . import provide

SYSTEM = ["<system>", "usual", "<end>"]  # what the template puts first where no message is the system's
IMAGE = "<image_pad>"


class Tokenizer:
    """One token for each word."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def encode(self, words: list[str]) -> list[int]:
        self.words += [word for word in dict.fromkeys(words) if word not in self.words]
        return [self.words.index(word) for word in words]

    def decode(self, ids: list[int], skip_special_tokens: bool = False) -> str:
        words = [self.words[number] for number in ids]
        return " ".join(word for word in words if not (skip_special_tokens and word == "<end>"))


class Processor:
    image_processor = SimpleNamespace(patch_size=14)

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer

    def apply_chat_template(
        self, messages: list[dict], tools: Any = None, add_generation_prompt: bool = True, tokenize: bool = False,
    ) -> str:
        words = [] if messages[0]["role"] == "system" else list(SYSTEM)
        for message in messages:
            content = message["content"]
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            words.append(f"<{message['role']}>")
            for part in parts:
                words += [IMAGE] if part["type"] == "image" else part["text"].split()
            words.append("<end>")
        return " ".join(words + ["<assistant>"] * add_generation_prompt)

    def __call__(self, text: list[str], images: Any, **_: Any) -> dict[str, Any]:
        words = text[0].split()
        assert words.count(IMAGE) == len(images or []), "each place in the text wants its picture"
        return {"input_ids": self.tokenizer.encode(words)}


class DictConfigWrap:
    def __init__(self, config: Any):
        self.config = config


@dataclass
class TokenOutput:
    token_ids: list[int]
    log_probs: Optional[list[float]] = None
    routed_experts: Any = None
    num_preempted: Optional[int] = None


class ServerManager:
    """Answers like a model: `says` maps (request, turn) to words."""

    def __init__(self, tokenizer: Tokenizer, says: Any):
        self.tokenizer, self.says, self.turns = tokenizer, says, {}
        self.seen: list[list[Any]] = []

    async def generate(
        self, request_id: str, *, prompt_ids: list[int], sampling_params: dict[str, Any],
        image_data: Optional[list[Any]] = None, video_data: Optional[list[Any]] = None,
    ) -> TokenOutput:
        places = self.tokenizer.decode(prompt_ids).split().count(IMAGE)
        assert places == len(image_data or []), "the engine wants a picture for each place"
        self.seen.append(list(image_data or []))
        turn = self.turns[request_id] = self.turns.get(request_id, 0) + 1
        ids = self.tokenizer.encode([*self.says(turn).split(), "<end>"])
        return TokenOutput(ids, log_probs=[-0.5] * len(ids))


@dataclass
class AgentLoopOutput:
    prompt_ids: list[int]
    response_ids: list[int]
    response_mask: list[int]
    metrics: dict
    response_logprobs: Optional[list[float]] = None
    routed_experts: Any = None
    multi_modal_data: Optional[dict[str, Any]] = None
    reward_score: Optional[float] = None
    num_turns: int = 0
    extra_fields: dict[str, Any] = field(default_factory=dict)


class AgentLoopBase(ABC):
    def __init__(self, trainer_config, server_manager, tokenizer, processor, dataset_cls, dataset_config, **kwargs):
        self.config = trainer_config.config
        self.server_manager, self.tokenizer, self.processor = server_manager, tokenizer, processor
        self.system_prompt = self.tokenizer.encode(SYSTEM)
        self.loop = asyncio.get_running_loop()

    async def apply_chat_template(self, messages, tools=None, images=None, videos=None, remove_system_prompt=False):
        raw = await self.loop.run_in_executor(
            None, lambda: self.processor.apply_chat_template(messages, tools=tools, add_generation_prompt=True))
        ids = self.processor(text=[raw], images=images)["input_ids"]
        return ids[len(self.system_prompt):] if remove_system_prompt else ids

    @abstractmethod
    async def run(self, sampling_params: dict[str, Any], **kwargs) -> AgentLoopOutput: ...


async def generate_sequences(make: type, manager: ServerManager, rows: list[dict], **limits: int) -> list:
    """As AgentLoopWorker: a loop of its own for each row, all at once."""
    turns = {"max_assistant_turns": limits.get("max_assistant_turns")}
    rollout = SimpleNamespace(
        response_length=limits.get("response_length", 10_000), multi_turn=SimpleNamespace(**turns))
    config = SimpleNamespace(actor_rollout_ref=SimpleNamespace(rollout=rollout))

    async def one(row: dict) -> AgentLoopOutput:
        loop = make(
            trainer_config=DictConfigWrap(config), server_manager=manager, tokenizer=manager.tokenizer,
            processor=Processor(manager.tokenizer), dataset_cls=None, dataset_config=DictConfigWrap({}))
        return await loop.run({"temperature": 1.0}, **row)

    return await asyncio.gather(*[asyncio.create_task(one(row)) for row in rows])


class OpenAIFunctionToolSchema(SimpleNamespace):
    @staticmethod
    def model_validate(schema: dict) -> "OpenAIFunctionToolSchema":
        assert schema["type"] == "function"
        return OpenAIFunctionToolSchema(type="function", function=SimpleNamespace(**schema["function"]))


class ToolResponse:
    def __init__(self, text: Optional[str] = None, image: Optional[list] = None, video: Optional[list] = None):
        assert image is None or isinstance(image, list), "Image must be a list"
        self.text, self.image, self.video = text, image, video


class BaseTool:
    def __init__(self, config: dict, tool_schema: OpenAIFunctionToolSchema):
        self.config, self.tool_schema = config, tool_schema
        self.name = self.tool_schema.function.name


async def call_tool(tool: BaseTool, arguments: str, tools_kwargs: dict, agent_data: Any) -> tuple:
    """As ToolAgentLoop._call_tool: a tool is made and released for every call."""
    instance_id = None
    try:
        kwargs = tools_kwargs.get(tool.name, {})
        instance_id, _ = await tool.create(create_kwargs=kwargs.get("create_kwargs", {}))
        return await tool.execute(instance_id, json.loads(arguments), agent_data=agent_data)
    finally:
        if instance_id:
            await tool.release(instance_id)


def agent_data() -> Any:
    return SimpleNamespace(request_id=uuid4().hex, extra_fields={})


def install() -> None:
    provide({
        "verl.experimental.agent_loop.agent_loop": {"AgentLoopBase": AgentLoopBase, "AgentLoopOutput": AgentLoopOutput},
        "verl.tools.base_tool": {"BaseTool": BaseTool},
        "verl.tools.schemas": {
            "OpenAIFunctionToolSchema": OpenAIFunctionToolSchema, "ToolResponse": ToolResponse},
    })
