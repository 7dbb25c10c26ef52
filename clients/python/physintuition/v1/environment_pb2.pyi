from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

AUTORESET_MODE_DISABLED: AutoresetMode
AUTORESET_MODE_NEXT_STEP: AutoresetMode
AUTORESET_MODE_SAME_STEP: AutoresetMode
AUTORESET_MODE_UNSPECIFIED: AutoresetMode
DATA_TYPE_FLOAT32: DataType
DATA_TYPE_FLOAT64: DataType
DATA_TYPE_INT32: DataType
DATA_TYPE_INT64: DataType
DATA_TYPE_TEXT: DataType
DATA_TYPE_UINT64: DataType
DATA_TYPE_UINT8: DataType
DATA_TYPE_UNSPECIFIED: DataType
DESCRIPTOR: _descriptor.FileDescriptor
PICTURE_ENCODING_JPEG: PictureEncoding
PICTURE_ENCODING_PNG: PictureEncoding
PICTURE_ENCODING_RAW: PictureEncoding
PICTURE_ENCODING_UNSPECIFIED: PictureEncoding
TERMINAL_OBSERVATION_QUESTION: TerminalObservation
TERMINAL_OBSERVATION_SETTLED: TerminalObservation
TERMINAL_OBSERVATION_UNSPECIFIED: TerminalObservation

class CloseReply(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CloseRequest(_message.Message):
    __slots__ = ["environment"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    environment: int
    def __init__(self, environment: _Optional[int] = ...) -> None: ...

class CloseSessionReply(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CreateReply(_message.Message):
    __slots__ = ["environment", "shared_memory", "shared_memory_refused"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    SHARED_MEMORY_FIELD_NUMBER: _ClassVar[int]
    SHARED_MEMORY_REFUSED_FIELD_NUMBER: _ClassVar[int]
    environment: EnvironmentInfo
    shared_memory: SharedMemory
    shared_memory_refused: str
    def __init__(self, environment: _Optional[_Union[EnvironmentInfo, _Mapping]] = ..., shared_memory: _Optional[_Union[SharedMemory, _Mapping]] = ..., shared_memory_refused: _Optional[str] = ...) -> None: ...

class CreateRequest(_message.Message):
    __slots__ = ["autoreset", "create_id", "observe", "options_json", "outcome", "replay_window", "shared_buffers", "slot_options_json", "slots", "split", "task"]
    AUTORESET_FIELD_NUMBER: _ClassVar[int]
    CREATE_ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REPLAY_WINDOW_FIELD_NUMBER: _ClassVar[int]
    SHARED_BUFFERS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SLOT_OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    autoreset: AutoresetMode
    create_id: int
    observe: ObservationRequest
    options_json: str
    outcome: TerminalObservation
    replay_window: int
    shared_buffers: int
    slot_options_json: _containers.RepeatedScalarFieldContainer[str]
    slots: int
    split: str
    task: str
    def __init__(self, task: _Optional[str] = ..., split: _Optional[str] = ..., slots: _Optional[int] = ..., options_json: _Optional[str] = ..., slot_options_json: _Optional[_Iterable[str]] = ..., autoreset: _Optional[_Union[AutoresetMode, str]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., replay_window: _Optional[int] = ..., shared_buffers: _Optional[int] = ..., create_id: _Optional[int] = ..., outcome: _Optional[_Union[TerminalObservation, str]] = ...) -> None: ...

class DatasetChunk(_message.Message):
    __slots__ = ["columns", "first_row", "seeds"]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[Observation]
    first_row: int
    seeds: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, first_row: _Optional[int] = ..., seeds: _Optional[_Iterable[int]] = ..., columns: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ...) -> None: ...

class EncodedPictures(_message.Message):
    __slots__ = ["files"]
    FILES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, files: _Optional[_Iterable[bytes]] = ...) -> None: ...

class EnvironmentInfo(_message.Message):
    __slots__ = ["autoreset", "environment", "is_reset", "last_step_id", "max_steps", "options_json", "outcome", "replay_window", "slots", "split", "task"]
    AUTORESET_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    IS_RESET_FIELD_NUMBER: _ClassVar[int]
    LAST_STEP_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REPLAY_WINDOW_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    autoreset: AutoresetMode
    environment: int
    is_reset: bool
    last_step_id: int
    max_steps: int
    options_json: str
    outcome: TerminalObservation
    replay_window: int
    slots: int
    split: str
    task: str
    def __init__(self, environment: _Optional[int] = ..., task: _Optional[str] = ..., split: _Optional[str] = ..., slots: _Optional[int] = ..., autoreset: _Optional[_Union[AutoresetMode, str]] = ..., last_step_id: _Optional[int] = ..., is_reset: bool = ..., options_json: _Optional[str] = ..., replay_window: _Optional[int] = ..., outcome: _Optional[_Union[TerminalObservation, str]] = ..., max_steps: _Optional[int] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ["code", "field", "message", "option", "reason", "remedy", "retry_after_ms", "rule", "value"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    code: int
    field: str
    message: str
    option: str
    reason: str
    remedy: str
    retry_after_ms: int
    rule: str
    value: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., reason: _Optional[str] = ..., field: _Optional[str] = ..., value: _Optional[str] = ..., rule: _Optional[str] = ..., remedy: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., option: _Optional[str] = ...) -> None: ...

class ForkReply(_message.Message):
    __slots__ = ["environment", "observations"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    environment: EnvironmentInfo
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    def __init__(self, environment: _Optional[_Union[EnvironmentInfo, _Mapping]] = ..., observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ...) -> None: ...

class ForkRequest(_message.Message):
    __slots__ = ["create_id", "environment", "observe", "replay_window", "slots", "without_observations"]
    CREATE_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    REPLAY_WINDOW_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    create_id: int
    environment: int
    observe: ObservationRequest
    replay_window: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    without_observations: bool
    def __init__(self, environment: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., replay_window: _Optional[int] = ..., create_id: _Optional[int] = ..., without_observations: bool = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class GetTaskRequest(_message.Message):
    __slots__ = ["task"]
    TASK_FIELD_NUMBER: _ClassVar[int]
    task: str
    def __init__(self, task: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ["max_dataset_rows", "max_environments_per_session", "max_lease_seconds", "max_message_bytes", "max_picture_edge", "max_replay_window", "max_requests_in_flight", "max_score_answers", "max_sessions", "max_slots", "max_slots_per_environment", "max_slots_per_session", "max_text_bytes"]
    MAX_DATASET_ROWS_FIELD_NUMBER: _ClassVar[int]
    MAX_ENVIRONMENTS_PER_SESSION_FIELD_NUMBER: _ClassVar[int]
    MAX_LEASE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_PICTURE_EDGE_FIELD_NUMBER: _ClassVar[int]
    MAX_REPLAY_WINDOW_FIELD_NUMBER: _ClassVar[int]
    MAX_REQUESTS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_SCORE_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    MAX_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_SLOTS_FIELD_NUMBER: _ClassVar[int]
    MAX_SLOTS_PER_ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    MAX_SLOTS_PER_SESSION_FIELD_NUMBER: _ClassVar[int]
    MAX_TEXT_BYTES_FIELD_NUMBER: _ClassVar[int]
    max_dataset_rows: int
    max_environments_per_session: int
    max_lease_seconds: int
    max_message_bytes: int
    max_picture_edge: int
    max_replay_window: int
    max_requests_in_flight: int
    max_score_answers: int
    max_sessions: int
    max_slots: int
    max_slots_per_environment: int
    max_slots_per_session: int
    max_text_bytes: int
    def __init__(self, max_sessions: _Optional[int] = ..., max_environments_per_session: _Optional[int] = ..., max_slots_per_environment: _Optional[int] = ..., max_slots_per_session: _Optional[int] = ..., max_slots: _Optional[int] = ..., max_picture_edge: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_requests_in_flight: _Optional[int] = ..., max_score_answers: _Optional[int] = ..., max_dataset_rows: _Optional[int] = ..., max_text_bytes: _Optional[int] = ..., max_replay_window: _Optional[int] = ..., max_lease_seconds: _Optional[int] = ...) -> None: ...

class ListTasksReply(_message.Message):
    __slots__ = ["tasks"]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedCompositeFieldContainer[TaskInfo]
    def __init__(self, tasks: _Optional[_Iterable[_Union[TaskInfo, _Mapping]]] = ...) -> None: ...

class ListTasksRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Observation(_message.Message):
    __slots__ = ["name", "pictures", "tensor", "texts"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    pictures: EncodedPictures
    tensor: Tensor
    texts: Texts
    def __init__(self, name: _Optional[str] = ..., tensor: _Optional[_Union[Tensor, _Mapping]] = ..., pictures: _Optional[_Union[EncodedPictures, _Mapping]] = ..., texts: _Optional[_Union[Texts, _Mapping]] = ...) -> None: ...

class ObservationInfo(_message.Message):
    __slots__ = ["description", "is_picture", "is_privileged", "name", "shape", "type"]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    IS_PICTURE_FIELD_NUMBER: _ClassVar[int]
    IS_PRIVILEGED_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    description: str
    is_picture: bool
    is_privileged: bool
    name: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    type: DataType
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[DataType, str]] = ..., shape: _Optional[_Iterable[int]] = ..., description: _Optional[str] = ..., is_privileged: bool = ..., is_picture: bool = ...) -> None: ...

class ObservationRequest(_message.Message):
    __slots__ = ["encoding", "height", "history", "names", "packed_texts", "quality", "samples", "shared_texts", "width"]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    PACKED_TEXTS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SHARED_TEXTS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    encoding: PictureEncoding
    height: int
    history: str
    names: _containers.RepeatedScalarFieldContainer[str]
    packed_texts: bool
    quality: int
    samples: int
    shared_texts: bool
    width: int
    def __init__(self, names: _Optional[_Iterable[str]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., encoding: _Optional[_Union[PictureEncoding, str]] = ..., quality: _Optional[int] = ..., samples: _Optional[int] = ..., history: _Optional[str] = ..., packed_texts: bool = ..., shared_texts: bool = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ["client", "durable", "lease_seconds", "resume_id", "resume_token"]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    DURABLE_FIELD_NUMBER: _ClassVar[int]
    LEASE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RESUME_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    client: str
    durable: bool
    lease_seconds: int
    resume_id: str
    resume_token: str
    def __init__(self, client: _Optional[str] = ..., lease_seconds: _Optional[int] = ..., resume_id: _Optional[str] = ..., resume_token: _Optional[str] = ..., durable: bool = ...) -> None: ...

class RenderReply(_message.Message):
    __slots__ = ["observations"]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    def __init__(self, observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ...) -> None: ...

class RenderRequest(_message.Message):
    __slots__ = ["environment", "observe", "outcome", "slots"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    environment: int
    observe: ObservationRequest
    outcome: TerminalObservation
    slots: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, environment: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., outcome: _Optional[_Union[TerminalObservation, str]] = ...) -> None: ...

class ResetReply(_message.Message):
    __slots__ = ["observations", "step_id"]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    STEP_ID_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    step_id: int
    def __init__(self, step_id: _Optional[int] = ..., observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ...) -> None: ...

class ResetRequest(_message.Message):
    __slots__ = ["environment", "mask", "observe", "options_json", "seed", "seeds", "step_id"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    STEP_ID_FIELD_NUMBER: _ClassVar[int]
    environment: int
    mask: bytes
    observe: ObservationRequest
    options_json: _containers.RepeatedScalarFieldContainer[str]
    seed: int
    seeds: _containers.RepeatedScalarFieldContainer[int]
    step_id: int
    def __init__(self, environment: _Optional[int] = ..., step_id: _Optional[int] = ..., seed: _Optional[int] = ..., seeds: _Optional[_Iterable[int]] = ..., mask: _Optional[bytes] = ..., options_json: _Optional[_Iterable[str]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ...) -> None: ...

class RestoreRequest(_message.Message):
    __slots__ = ["environment", "mask", "observe", "snapshot", "sources", "step_id"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    STEP_ID_FIELD_NUMBER: _ClassVar[int]
    environment: int
    mask: bytes
    observe: ObservationRequest
    snapshot: bytes
    sources: _containers.RepeatedScalarFieldContainer[int]
    step_id: int
    def __init__(self, environment: _Optional[int] = ..., step_id: _Optional[int] = ..., snapshot: _Optional[bytes] = ..., sources: _Optional[_Iterable[int]] = ..., mask: _Optional[bytes] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ...) -> None: ...

class RewardInfo(_message.Message):
    __slots__ = ["expert", "max", "min", "random"]
    EXPERT_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    RANDOM_FIELD_NUMBER: _ClassVar[int]
    expert: float
    max: float
    min: float
    random: float
    def __init__(self, min: _Optional[float] = ..., max: _Optional[float] = ..., random: _Optional[float] = ..., expert: _Optional[float] = ...) -> None: ...

class RunReply(_message.Message):
    __slots__ = ["close", "create", "error", "fork", "render", "request_id", "reset", "score", "snapshot", "step"]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    CREATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FORK_FIELD_NUMBER: _ClassVar[int]
    RENDER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    close: CloseReply
    create: CreateReply
    error: Error
    fork: ForkReply
    render: RenderReply
    request_id: int
    reset: ResetReply
    score: ScoreReply
    snapshot: SnapshotReply
    step: StepReply
    def __init__(self, request_id: _Optional[int] = ..., create: _Optional[_Union[CreateReply, _Mapping]] = ..., reset: _Optional[_Union[ResetReply, _Mapping]] = ..., step: _Optional[_Union[StepReply, _Mapping]] = ..., render: _Optional[_Union[RenderReply, _Mapping]] = ..., close: _Optional[_Union[CloseReply, _Mapping]] = ..., snapshot: _Optional[_Union[SnapshotReply, _Mapping]] = ..., fork: _Optional[_Union[ForkReply, _Mapping]] = ..., score: _Optional[_Union[ScoreReply, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ...) -> None: ...

class RunRequest(_message.Message):
    __slots__ = ["close", "create", "fork", "render", "request_id", "reset", "restore", "score", "snapshot", "step"]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    CREATE_FIELD_NUMBER: _ClassVar[int]
    FORK_FIELD_NUMBER: _ClassVar[int]
    RENDER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    RESTORE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    close: CloseRequest
    create: CreateRequest
    fork: ForkRequest
    render: RenderRequest
    request_id: int
    reset: ResetRequest
    restore: RestoreRequest
    score: ScoreRequest
    snapshot: SnapshotRequest
    step: StepRequest
    def __init__(self, request_id: _Optional[int] = ..., create: _Optional[_Union[CreateRequest, _Mapping]] = ..., reset: _Optional[_Union[ResetRequest, _Mapping]] = ..., step: _Optional[_Union[StepRequest, _Mapping]] = ..., render: _Optional[_Union[RenderRequest, _Mapping]] = ..., close: _Optional[_Union[CloseRequest, _Mapping]] = ..., snapshot: _Optional[_Union[SnapshotRequest, _Mapping]] = ..., restore: _Optional[_Union[RestoreRequest, _Mapping]] = ..., fork: _Optional[_Union[ForkRequest, _Mapping]] = ..., score: _Optional[_Union[ScoreRequest, _Mapping]] = ...) -> None: ...

class ScoreReply(_message.Message):
    __slots__ = ["observations", "rewards"]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    rewards: bytes
    def __init__(self, rewards: _Optional[bytes] = ..., observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ...) -> None: ...

class ScoreRequest(_message.Message):
    __slots__ = ["numbers", "observe", "options_json", "seeds", "split", "task", "texts", "turns"]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    TURNS_FIELD_NUMBER: _ClassVar[int]
    numbers: bytes
    observe: ObservationRequest
    options_json: str
    seeds: _containers.RepeatedScalarFieldContainer[int]
    split: str
    task: str
    texts: TextActions
    turns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, task: _Optional[str] = ..., split: _Optional[str] = ..., options_json: _Optional[str] = ..., seeds: _Optional[_Iterable[int]] = ..., numbers: _Optional[bytes] = ..., texts: _Optional[_Union[TextActions, _Mapping]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., turns: _Optional[_Iterable[int]] = ...) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ["features", "lanes", "limits", "protocol", "renderer", "simulator", "threads", "version"]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    RENDERER_FIELD_NUMBER: _ClassVar[int]
    SIMULATOR_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    lanes: int
    limits: Limits
    protocol: int
    renderer: str
    simulator: str
    threads: int
    version: str
    def __init__(self, version: _Optional[str] = ..., protocol: _Optional[int] = ..., simulator: _Optional[str] = ..., renderer: _Optional[str] = ..., lanes: _Optional[int] = ..., threads: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class SessionInfo(_message.Message):
    __slots__ = ["environments", "id", "is_resumed", "lease_seconds", "token"]
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IS_RESUMED_FIELD_NUMBER: _ClassVar[int]
    LEASE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    environments: _containers.RepeatedCompositeFieldContainer[EnvironmentInfo]
    id: str
    is_resumed: bool
    lease_seconds: int
    token: str
    def __init__(self, id: _Optional[str] = ..., token: _Optional[str] = ..., lease_seconds: _Optional[int] = ..., is_resumed: bool = ..., environments: _Optional[_Iterable[_Union[EnvironmentInfo, _Mapping]]] = ...) -> None: ...

class SharedMemory(_message.Message):
    __slots__ = ["buffer_bytes", "buffers", "bytes", "nonce", "path"]
    BUFFERS_FIELD_NUMBER: _ClassVar[int]
    BUFFER_BYTES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    buffer_bytes: int
    buffers: int
    bytes: int
    nonce: int
    path: str
    def __init__(self, path: _Optional[str] = ..., bytes: _Optional[int] = ..., buffers: _Optional[int] = ..., buffer_bytes: _Optional[int] = ..., nonce: _Optional[int] = ...) -> None: ...

class SnapshotReply(_message.Message):
    __slots__ = ["snapshot"]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    snapshot: bytes
    def __init__(self, snapshot: _Optional[bytes] = ...) -> None: ...

class SnapshotRequest(_message.Message):
    __slots__ = ["environment", "slots"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    environment: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, environment: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ...) -> None: ...

class SplitInfo(_message.Message):
    __slots__ = ["description", "is_withheld", "name", "seed_count"]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    IS_WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEED_COUNT_FIELD_NUMBER: _ClassVar[int]
    description: str
    is_withheld: bool
    name: str
    seed_count: int
    def __init__(self, name: _Optional[str] = ..., seed_count: _Optional[int] = ..., is_withheld: bool = ..., description: _Optional[str] = ...) -> None: ...

class StepReply(_message.Message):
    __slots__ = ["final_observations", "next", "observations", "rewards", "started", "step_id", "terminated", "truncated"]
    FINAL_OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STEP_ID_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    final_observations: _containers.RepeatedCompositeFieldContainer[Observation]
    next: StepReply
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    rewards: bytes
    started: bytes
    step_id: int
    terminated: bytes
    truncated: bytes
    def __init__(self, step_id: _Optional[int] = ..., rewards: _Optional[bytes] = ..., terminated: _Optional[bytes] = ..., truncated: _Optional[bytes] = ..., started: _Optional[bytes] = ..., observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ..., final_observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ..., next: _Optional[_Union[StepReply, _Mapping]] = ...) -> None: ...

class StepRequest(_message.Message):
    __slots__ = ["environment", "mask", "numbers", "observe", "shows_next", "step_id", "texts"]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    SHOWS_NEXT_FIELD_NUMBER: _ClassVar[int]
    STEP_ID_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    environment: int
    mask: bytes
    numbers: bytes
    observe: ObservationRequest
    shows_next: bool
    step_id: int
    texts: TextActions
    def __init__(self, environment: _Optional[int] = ..., step_id: _Optional[int] = ..., numbers: _Optional[bytes] = ..., texts: _Optional[_Union[TextActions, _Mapping]] = ..., mask: _Optional[bytes] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., shows_next: bool = ...) -> None: ...

class StreamDatasetRequest(_message.Message):
    __slots__ = ["chunk_rows", "count", "first_seed", "observe", "options_json", "seeds", "split", "task"]
    CHUNK_ROWS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEED_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    chunk_rows: int
    count: int
    first_seed: int
    observe: ObservationRequest
    options_json: str
    seeds: _containers.RepeatedScalarFieldContainer[int]
    split: str
    task: str
    def __init__(self, task: _Optional[str] = ..., split: _Optional[str] = ..., options_json: _Optional[str] = ..., first_seed: _Optional[int] = ..., count: _Optional[int] = ..., seeds: _Optional[_Iterable[int]] = ..., observe: _Optional[_Union[ObservationRequest, _Mapping]] = ..., chunk_rows: _Optional[int] = ...) -> None: ...

class TaskInfo(_message.Message):
    __slots__ = ["action_schema_json", "action_size", "action_space_json", "description", "id", "max_steps", "observations", "options_schema_json", "reward", "splits", "title"]
    ACTION_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    ACTION_SIZE_FIELD_NUMBER: _ClassVar[int]
    ACTION_SPACE_JSON_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    action_schema_json: str
    action_size: int
    action_space_json: str
    description: str
    id: str
    max_steps: int
    observations: _containers.RepeatedCompositeFieldContainer[ObservationInfo]
    options_schema_json: str
    reward: RewardInfo
    splits: _containers.RepeatedCompositeFieldContainer[SplitInfo]
    title: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., action_size: _Optional[int] = ..., action_space_json: _Optional[str] = ..., action_schema_json: _Optional[str] = ..., options_schema_json: _Optional[str] = ..., observations: _Optional[_Iterable[_Union[ObservationInfo, _Mapping]]] = ..., splits: _Optional[_Iterable[_Union[SplitInfo, _Mapping]]] = ..., max_steps: _Optional[int] = ..., reward: _Optional[_Union[RewardInfo, _Mapping]] = ...) -> None: ...

class Tensor(_message.Message):
    __slots__ = ["data", "memory_offset", "shape", "type"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    MEMORY_OFFSET_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    memory_offset: int
    shape: _containers.RepeatedScalarFieldContainer[int]
    type: DataType
    def __init__(self, type: _Optional[_Union[DataType, str]] = ..., shape: _Optional[_Iterable[int]] = ..., data: _Optional[bytes] = ..., memory_offset: _Optional[int] = ...) -> None: ...

class TextActions(_message.Message):
    __slots__ = ["answers"]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, answers: _Optional[_Iterable[str]] = ...) -> None: ...

class Texts(_message.Message):
    __slots__ = ["ends", "memory_offset", "packed", "values"]
    ENDS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    ends: bytes
    memory_offset: int
    packed: bytes
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ..., packed: _Optional[bytes] = ..., ends: _Optional[bytes] = ..., memory_offset: _Optional[int] = ...) -> None: ...

class AutoresetMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class TerminalObservation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PictureEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class DataType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
