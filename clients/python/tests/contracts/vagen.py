"""VAGEN, commit d2b8b30: server/{client,serial}.py and rollout/qwen_rollout/rollout_manager_service.py."""

from __future__ import annotations

import base64
import io
import json
from types import SimpleNamespace
from typing import Any, Callable
from urllib.request import Request, urlopen

from . import provide

REGISTERED_ENV: dict[str, dict[str, Any]] = {}


class BatchEnvClient:
    def __init__(self, base_url: str):
        self.base_url = base_url.rstrip("/")

    def _make_request(self, endpoint: str, method: str = "POST", data: Any = None) -> Any:
        request = Request(
            f"{self.base_url}/{endpoint}", None if data is None else json.dumps(data).encode(),
            {"Content-Type": "application/json"}, method=method)
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait_for_server(self) -> bool:
        return self._make_request("health", "GET").get("status") == "ok"

    def create_environments_batch(self, ids2configs: dict) -> None:
        assert self._make_request("environments", data={"ids2configs": ids2configs}).get("success") is True

    def reset_batch(self, ids2seeds: dict) -> dict:
        results = self._make_request("batch/reset", data={"ids2seeds": ids2seeds})["results"]
        return {env_id: (_observation(seen), info) for env_id, (seen, info) in results.items()}

    def step_batch(self, ids2actions: dict) -> dict:
        results = self._make_request("batch/step", data={"ids2actions": ids2actions})["results"]
        return {env_id: (_observation(seen), *rest) for env_id, (seen, *rest) in results.items()}

    def compute_reward_batch(self, env_ids: list) -> dict:
        return self._make_request("batch/reward", data={"env_ids": env_ids})["rewards"]

    def get_system_prompts_batch(self, env_ids: list) -> dict:
        return self._make_request("batch/system_prompt", data={"env_ids": env_ids})["system_prompts"]

    def close_batch(self, env_ids: list) -> None:
        self._make_request("batch/close", data={"env_ids": env_ids})


def _observation(seen: dict) -> dict:
    from PIL import Image

    shown = {key: [Image.open(io.BytesIO(base64.b64decode(value["__pil_image__"]))) for value in values]
             for key, values in seen["multi_modal_data"].items()}
    return {**seen, "multi_modal_data": shown}


def rollout(client: BatchEnvClient, rows: list[dict], says: Callable[[int], str]) -> dict[str, SimpleNamespace]:
    """As the rollout manager: close the unwanted, create, reset, ask for prompts, step those that go on, close."""
    assert client.wait_for_server()
    client.close_batch([])
    ids = [f"train{number + 1}" for number in range(len(rows))]
    configs = {env_id: REGISTERED_ENV[row["env_name"]]["config_cls"](**row["env_config"])
               for env_id, row in zip(ids, rows)}
    client.create_environments_batch(dict(zip(ids, rows)))
    seen = client.reset_batch({env_id: row["seed"] for env_id, row in zip(ids, rows)})
    prompts = client.get_system_prompts_batch(ids)
    played = {env_id: SimpleNamespace(config=configs[env_id], system=prompts[env_id], records=[]) for env_id in ids}

    def record(env_id: str, observation: dict, reward: Any, done: Any, info: dict) -> None:
        assert isinstance(reward, (int, float)) and isinstance(done, bool)
        placeholder = configs[env_id].get("image_placeholder", "<image>")
        images = observation["multi_modal_data"][placeholder]
        assert observation["obs_str"].count(placeholder) == len(images)
        played[env_id].records.append(SimpleNamespace(
            text=observation["obs_str"], images=images, reward=reward, done=done, info=info))

    for env_id, (observation, info) in seen.items():
        record(env_id, observation, 0, False, info)
    turn, going = 0, ids
    while going:
        turn += 1
        for env_id, result in client.step_batch({env_id: says(turn) for env_id in going}).items():
            for name, value in result[3]["metrics"]["turn_metrics"].items():
                assert isinstance(value, (int, float)), name
            record(env_id, *result)
        going = [env_id for env_id in going if not played[env_id].records[-1].done]
    for env_id, reward in client.compute_reward_batch(ids).items():
        played[env_id].score = reward + sum(each.reward for each in played[env_id].records)
    client.close_batch(ids)
    return played


def install() -> None:
    provide({"vagen.env": {"REGISTERED_ENV": REGISTERED_ENV}})
