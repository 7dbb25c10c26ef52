from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnswerReply(_message.Message):
    __slots__ = ["accepted"]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    def __init__(self, accepted: _Optional[int] = ...) -> None: ...

class AnswerRequest(_message.Message):
    __slots__ = ["answers", "run", "token"]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[RunAnswer]
    run: str
    token: str
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[RunAnswer, _Mapping]]] = ...) -> None: ...

class AnswersTaken(_message.Message):
    __slots__ = ["answers", "episodes", "mean"]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    answers: int
    episodes: int
    mean: float
    def __init__(self, answers: _Optional[int] = ..., episodes: _Optional[int] = ..., mean: _Optional[float] = ...) -> None: ...

class AxisScore(_message.Message):
    __slots__ = ["axis", "normalised", "normalised_usual", "suite", "task"]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_USUAL_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    axis: str
    normalised: float
    normalised_usual: float
    suite: str
    task: str
    def __init__(self, axis: _Optional[str] = ..., task: _Optional[str] = ..., suite: _Optional[str] = ..., normalised: _Optional[float] = ..., normalised_usual: _Optional[float] = ...) -> None: ...

class BoardInfo(_message.Message):
    __slots__ = ["axis", "expert", "options_json", "random", "rows", "suite", "summary", "takes_runs", "task"]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    EXPERT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    RANDOM_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    TAKES_RUNS_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    axis: str
    expert: float
    options_json: str
    random: float
    rows: int
    suite: str
    summary: str
    takes_runs: bool
    task: str
    def __init__(self, task: _Optional[str] = ..., suite: _Optional[str] = ..., axis: _Optional[str] = ..., options_json: _Optional[str] = ..., summary: _Optional[str] = ..., rows: _Optional[int] = ..., random: _Optional[float] = ..., expert: _Optional[float] = ..., takes_runs: bool = ...) -> None: ...

class CloseRunRequest(_message.Message):
    __slots__ = ["run", "token", "usage_json"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    USAGE_JSON_FIELD_NUMBER: _ClassVar[int]
    run: str
    token: str
    usage_json: str
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ..., usage_json: _Optional[str] = ...) -> None: ...

class CompareRunsRequest(_message.Message):
    __slots__ = ["first", "second"]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    first: str
    second: str
    def __init__(self, first: _Optional[str] = ..., second: _Optional[str] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ["difference"]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    difference: PairedDifference
    def __init__(self, difference: _Optional[_Union[PairedDifference, _Mapping]] = ...) -> None: ...

class ConfidenceBin(_message.Message):
    __slots__ = ["accuracy", "confidence", "count"]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    accuracy: float
    confidence: float
    count: int
    def __init__(self, confidence: _Optional[float] = ..., accuracy: _Optional[float] = ..., count: _Optional[int] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ["answers", "picture", "prompt", "reward", "scene"]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    REWARD_FIELD_NUMBER: _ClassVar[int]
    SCENE_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedScalarFieldContainer[str]
    picture: bytes
    prompt: str
    reward: float
    scene: int
    def __init__(self, scene: _Optional[int] = ..., reward: _Optional[float] = ..., prompt: _Optional[str] = ..., picture: _Optional[bytes] = ..., answers: _Optional[_Iterable[str]] = ...) -> None: ...

class GetMethodRequest(_message.Message):
    __slots__ = ["kind", "method", "season"]
    KIND_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    kind: str
    method: str
    season: str
    def __init__(self, method: _Optional[str] = ..., kind: _Optional[str] = ..., season: _Optional[str] = ...) -> None: ...

class GetNextRequest(_message.Message):
    __slots__ = ["height", "run", "token", "width"]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    height: int
    run: str
    token: str
    width: int
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class GetResultReply(_message.Message):
    __slots__ = ["json"]
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: str
    def __init__(self, json: _Optional[str] = ...) -> None: ...

class GetResultRequest(_message.Message):
    __slots__ = ["run"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ["run", "token"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    run: str
    token: str
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class GetTransferMatrixRequest(_message.Message):
    __slots__ = ["method", "season"]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    method: str
    season: str
    def __init__(self, season: _Optional[str] = ..., method: _Optional[str] = ...) -> None: ...

class ListBoardsReply(_message.Message):
    __slots__ = ["boards", "season"]
    BOARDS_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    boards: _containers.RepeatedCompositeFieldContainer[BoardInfo]
    season: SeasonInfo
    def __init__(self, season: _Optional[_Union[SeasonInfo, _Mapping]] = ..., boards: _Optional[_Iterable[_Union[BoardInfo, _Mapping]]] = ...) -> None: ...

class ListBoardsRequest(_message.Message):
    __slots__ = ["season"]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    season: str
    def __init__(self, season: _Optional[str] = ...) -> None: ...

class ListFailuresReply(_message.Message):
    __slots__ = ["failures"]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    failures: _containers.RepeatedCompositeFieldContainer[Failure]
    def __init__(self, failures: _Optional[_Iterable[_Union[Failure, _Mapping]]] = ...) -> None: ...

class ListFailuresRequest(_message.Message):
    __slots__ = ["height", "limit", "run", "width"]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    height: int
    limit: int
    run: str
    width: int
    def __init__(self, run: _Optional[str] = ..., limit: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class ListSeasonsReply(_message.Message):
    __slots__ = ["public_key", "seasons"]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    SEASONS_FIELD_NUMBER: _ClassVar[int]
    public_key: str
    seasons: _containers.RepeatedCompositeFieldContainer[SeasonInfo]
    def __init__(self, seasons: _Optional[_Iterable[_Union[SeasonInfo, _Mapping]]] = ..., public_key: _Optional[str] = ...) -> None: ...

class ListSeasonsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListStandingsReply(_message.Message):
    __slots__ = ["board", "rows", "season"]
    BOARD_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    board: BoardInfo
    rows: _containers.RepeatedCompositeFieldContainer[StandingRow]
    season: SeasonInfo
    def __init__(self, rows: _Optional[_Iterable[_Union[StandingRow, _Mapping]]] = ..., season: _Optional[_Union[SeasonInfo, _Mapping]] = ..., board: _Optional[_Union[BoardInfo, _Mapping]] = ...) -> None: ...

class ListStandingsRequest(_message.Message):
    __slots__ = ["options_json", "season", "suite", "task"]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    options_json: str
    season: str
    suite: str
    task: str
    def __init__(self, task: _Optional[str] = ..., season: _Optional[str] = ..., options_json: _Optional[str] = ..., suite: _Optional[str] = ...) -> None: ...

class MethodDetail(_message.Message):
    __slots__ = ["axes", "kind", "method", "rows", "season", "transfer"]
    AXES_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_FIELD_NUMBER: _ClassVar[int]
    axes: _containers.RepeatedCompositeFieldContainer[AxisScore]
    kind: str
    method: str
    rows: _containers.RepeatedCompositeFieldContainer[StandingRow]
    season: SeasonInfo
    transfer: TransferMatrix
    def __init__(self, method: _Optional[str] = ..., kind: _Optional[str] = ..., season: _Optional[_Union[SeasonInfo, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[StandingRow, _Mapping]]] = ..., axes: _Optional[_Iterable[_Union[AxisScore, _Mapping]]] = ..., transfer: _Optional[_Union[TransferMatrix, _Mapping]] = ...) -> None: ...

class NextScene(_message.Message):
    __slots__ = ["done", "picture", "prompt", "remaining", "scene", "step"]
    DONE_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    SCENE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    done: bool
    picture: bytes
    prompt: str
    remaining: int
    scene: int
    step: int
    def __init__(self, done: bool = ..., scene: _Optional[int] = ..., step: _Optional[int] = ..., picture: _Optional[bytes] = ..., prompt: _Optional[str] = ..., remaining: _Optional[int] = ...) -> None: ...

class ObserveRunReply(_message.Message):
    __slots__ = ["ended", "pictures", "prompts"]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    ended: bytes
    pictures: _containers.RepeatedScalarFieldContainer[bytes]
    prompts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pictures: _Optional[_Iterable[bytes]] = ..., prompts: _Optional[_Iterable[str]] = ..., ended: _Optional[bytes] = ...) -> None: ...

class ObserveRunRequest(_message.Message):
    __slots__ = ["height", "run", "scenes", "token", "width"]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SCENES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    height: int
    run: str
    scenes: _containers.RepeatedScalarFieldContainer[int]
    token: str
    width: int
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ..., scenes: _Optional[_Iterable[int]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class OpenRunReply(_message.Message):
    __slots__ = ["run", "status", "token"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    run: str
    status: RunStatus
    token: str
    def __init__(self, run: _Optional[str] = ..., token: _Optional[str] = ..., status: _Optional[_Union[RunStatus, _Mapping]] = ...) -> None: ...

class OpenRunRequest(_message.Message):
    __slots__ = ["axis", "claim", "command", "count", "method", "options_json", "picture_height", "picture_width", "settings_json", "suite", "task", "trained_on"]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    PICTURE_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PICTURE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    TRAINED_ON_FIELD_NUMBER: _ClassVar[int]
    axis: str
    claim: RunClaim
    command: str
    count: int
    method: str
    options_json: str
    picture_height: int
    picture_width: int
    settings_json: str
    suite: str
    task: str
    trained_on: str
    def __init__(self, method: _Optional[str] = ..., task: _Optional[str] = ..., options_json: _Optional[str] = ..., count: _Optional[int] = ..., axis: _Optional[str] = ..., trained_on: _Optional[str] = ..., settings_json: _Optional[str] = ..., suite: _Optional[str] = ..., command: _Optional[str] = ..., picture_width: _Optional[int] = ..., picture_height: _Optional[int] = ..., claim: _Optional[_Union[RunClaim, _Mapping]] = ...) -> None: ...

class PairedDifference(_message.Message):
    __slots__ = ["count", "high", "low", "mean", "p_value", "test"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    count: int
    high: float
    low: float
    mean: float
    p_value: float
    test: str
    def __init__(self, mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., count: _Optional[int] = ..., p_value: _Optional[float] = ..., test: _Optional[str] = ...) -> None: ...

class RowCalibration(_message.Message):
    __slots__ = ["bins", "brier", "expected_error"]
    BINS_FIELD_NUMBER: _ClassVar[int]
    BRIER_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ERROR_FIELD_NUMBER: _ClassVar[int]
    bins: _containers.RepeatedCompositeFieldContainer[ConfidenceBin]
    brier: float
    expected_error: float
    def __init__(self, expected_error: _Optional[float] = ..., brier: _Optional[float] = ..., bins: _Optional[_Iterable[_Union[ConfidenceBin, _Mapping]]] = ...) -> None: ...

class RowOutcomes(_message.Message):
    __slots__ = ["cut_off", "right", "undelivered", "unreadable", "wrong"]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    UNDELIVERED_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    WRONG_FIELD_NUMBER: _ClassVar[int]
    cut_off: int
    right: int
    undelivered: int
    unreadable: int
    wrong: int
    def __init__(self, right: _Optional[int] = ..., wrong: _Optional[int] = ..., unreadable: _Optional[int] = ..., cut_off: _Optional[int] = ..., undelivered: _Optional[int] = ...) -> None: ...

class RunAnswer(_message.Message):
    __slots__ = ["confidence", "scene", "step", "text"]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SCENE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    confidence: float
    scene: int
    step: int
    text: str
    def __init__(self, scene: _Optional[int] = ..., step: _Optional[int] = ..., text: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class RunClaim(_message.Message):
    __slots__ = ["nonce", "public_key", "signature"]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    public_key: bytes
    signature: bytes
    def __init__(self, public_key: _Optional[bytes] = ..., nonce: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...

class RunScore(_message.Message):
    __slots__ = ["count", "digest", "high", "low", "mean", "unanswered"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    UNANSWERED_FIELD_NUMBER: _ClassVar[int]
    count: int
    digest: str
    high: float
    low: float
    mean: float
    unanswered: int
    def __init__(self, mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., count: _Optional[int] = ..., unanswered: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class RunStatus(_message.Message):
    __slots__ = ["answered", "count", "deadline_unix_ms", "max_steps", "method", "options_json", "run", "season", "state", "suite", "task"]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SEASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    answered: bytes
    count: int
    deadline_unix_ms: int
    max_steps: int
    method: str
    options_json: str
    run: str
    season: str
    state: str
    suite: str
    task: str
    def __init__(self, run: _Optional[str] = ..., season: _Optional[str] = ..., task: _Optional[str] = ..., count: _Optional[int] = ..., state: _Optional[str] = ..., deadline_unix_ms: _Optional[int] = ..., answered: _Optional[bytes] = ..., max_steps: _Optional[int] = ..., method: _Optional[str] = ..., suite: _Optional[str] = ..., options_json: _Optional[str] = ...) -> None: ...

class SeasonInfo(_message.Message):
    __slots__ = ["commitment", "id", "is_open", "secret"]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IS_OPEN_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    commitment: str
    id: str
    is_open: bool
    secret: str
    def __init__(self, id: _Optional[str] = ..., commitment: _Optional[str] = ..., secret: _Optional[str] = ..., is_open: bool = ...) -> None: ...

class StandingRow(_message.Message):
    __slots__ = ["attempt_means", "attempts", "axis", "best_of_attempts", "by_answers", "calibration", "closed_unix_ms", "command", "count", "high", "is_verified", "kind", "low", "mean", "method", "normalised", "options_json", "outcomes", "p_value", "provenance_json", "rank", "run", "settings_json", "source", "suite", "task", "trained_on", "versus_best"]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_MEANS_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    BEST_OF_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BY_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    CLOSED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    IS_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_JSON_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_JSON_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    TRAINED_ON_FIELD_NUMBER: _ClassVar[int]
    VERSUS_BEST_FIELD_NUMBER: _ClassVar[int]
    attempt_means: _containers.RepeatedScalarFieldContainer[float]
    attempts: int
    axis: str
    best_of_attempts: float
    by_answers: _containers.RepeatedCompositeFieldContainer[AnswersTaken]
    calibration: RowCalibration
    closed_unix_ms: int
    command: str
    count: int
    high: float
    is_verified: bool
    kind: str
    low: float
    mean: float
    method: str
    normalised: float
    options_json: str
    outcomes: RowOutcomes
    p_value: float
    provenance_json: str
    rank: int
    run: str
    settings_json: str
    source: str
    suite: str
    task: str
    trained_on: str
    versus_best: PairedDifference
    def __init__(self, method: _Optional[str] = ..., kind: _Optional[str] = ..., run: _Optional[str] = ..., mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., count: _Optional[int] = ..., normalised: _Optional[float] = ..., attempts: _Optional[int] = ..., best_of_attempts: _Optional[float] = ..., p_value: _Optional[float] = ..., trained_on: _Optional[str] = ..., axis: _Optional[str] = ..., task: _Optional[str] = ..., suite: _Optional[str] = ..., options_json: _Optional[str] = ..., calibration: _Optional[_Union[RowCalibration, _Mapping]] = ..., versus_best: _Optional[_Union[PairedDifference, _Mapping]] = ..., attempt_means: _Optional[_Iterable[float]] = ..., by_answers: _Optional[_Iterable[_Union[AnswersTaken, _Mapping]]] = ..., settings_json: _Optional[str] = ..., command: _Optional[str] = ..., provenance_json: _Optional[str] = ..., closed_unix_ms: _Optional[int] = ..., source: _Optional[str] = ..., rank: _Optional[int] = ..., is_verified: bool = ..., outcomes: _Optional[_Union[RowOutcomes, _Mapping]] = ...) -> None: ...

class TransferCell(_message.Message):
    __slots__ = ["count", "high", "low", "mean", "normalised", "runs"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    count: int
    high: float
    low: float
    mean: float
    normalised: float
    runs: int
    def __init__(self, mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., count: _Optional[int] = ..., normalised: _Optional[float] = ..., runs: _Optional[int] = ...) -> None: ...

class TransferMatrix(_message.Message):
    __slots__ = ["cells", "evaluated_on", "trained_on"]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_ON_FIELD_NUMBER: _ClassVar[int]
    TRAINED_ON_FIELD_NUMBER: _ClassVar[int]
    cells: _containers.RepeatedCompositeFieldContainer[TransferCell]
    evaluated_on: _containers.RepeatedScalarFieldContainer[str]
    trained_on: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, trained_on: _Optional[_Iterable[str]] = ..., evaluated_on: _Optional[_Iterable[str]] = ..., cells: _Optional[_Iterable[_Union[TransferCell, _Mapping]]] = ...) -> None: ...
