"""nemo_gym 0.5.1, commit 07d6b0d: responses_api_agents/simple_agent/app.py, base_resources_server.py."""

from __future__ import annotations

import json
from typing import Any, Callable
from urllib.request import Request, urlopen


def post(base: str, path: str, body: dict) -> Any:
    request = Request(f"{base}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def run(base: str, row: dict, says: Callable[[list], str]) -> dict:
    """As SimpleAgent.run: the session is seeded, the model replies to the row's input, the reply is verified."""
    post(base, "/seed_session", row)
    question = row["responses_create_params"]["input"]
    for message in question:
        parts = [] if isinstance(message["content"], str) else message["content"]
        assert {part["type"] for part in parts} <= {"input_text", "input_image"}
    response = {"id": "resp_1", "object": "response", "created_at": 0.0, "model": "m", "output": [
        {"id": "r", "type": "reasoning", "summary": []},
        {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": says(question), "annotations": []}]},
    ], "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    verified = post(base, "/verify", {**row, "response": response})
    # As SimpleAgentVerifyResponse reads it: the request's fields and a number.
    assert verified["response"] == response and isinstance(verified["reward"], (int, float))
    assert verified["responses_create_params"] == row["responses_create_params"]
    return verified
