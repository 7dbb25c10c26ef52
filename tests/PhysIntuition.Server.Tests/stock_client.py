"""grpcio as the client: `stock_client.py TARGET STUBS` prints a line for each check, `ok NAME` or `failed NAME WHY`."""
import asyncio
import sys

import grpc

sys.path.insert(0, sys.argv[2])
from physintuition.v1 import environment_pb2 as pb  # noqa: E402
from physintuition.v1.environment_pb2_grpc import EnvironmentServiceStub  # noqa: E402

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
PATIENCE = 60


async def session(stub):
    opened = await stub.OpenSession(pb.OpenSessionRequest(client="stock"), timeout=PATIENCE)
    return (("physintuition-session", opened.id), ("physintuition-session-token", opened.token))


async def refusal(call):
    trailers = {key: value for key, value in await call.trailing_metadata()}
    return await call.code(), await call.details(), pb.Error.FromString(trailers.get("physintuition-error-bin", b""))


def closing(number):
    return pb.RunRequest(request_id=number, close=pb.CloseRequest(environment=1))


def endless(stub, timeout):
    request = pb.StreamDatasetRequest(
        task="Offset-v1", count=10_000_000, chunk_rows=4, observe=pb.ObservationRequest(names=["seed"])
    )
    return stub.StreamDataset(request, timeout=timeout)


async def unary(stub, channel):
    tasks = (await stub.ListTasks(pb.ListTasksRequest(), timeout=PATIENCE)).tasks
    assert any(task.id == "Offset-v1" for task in tasks), tasks


async def statuses(stub, channel):
    """Percent signs, line ends and letters outside ASCII arrive as they were sent, and a long value hides nothing."""
    for name in ("100 % größer", "a\nb", "火", "x" * 100_000, "火" * 100_000, "🧱" * 5_000):
        code, details, error = await refusal(stub.GetTask(pb.GetTaskRequest(task=name), timeout=PATIENCE))
        assert (code, error.reason, error.field) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", "task"), (code, details)
        assert error.message == details and name[:20] in details, details
        assert "Offset-v1" in details and details.endswith("Choose one of these."), details


async def large(stub, channel):
    """More than gRPC's usual 4 MB, both ways."""
    headers = await session(stub)
    create = pb.CreateRequest(task="Offset-v1", slots=32, observe=pb.ObservationRequest(names=["rgb"]))
    await stub.Create(create, metadata=headers, timeout=PATIENCE)
    reply = await stub.Reset(pb.ResetRequest(environment=1, seed=1), metadata=headers, timeout=PATIENCE)
    assert len(reply.observations[0].tensor.data) == 32 * 224 * 224 * 3
    step = pb.StepRequest(environment=9, numbers=bytes(32 << 20))
    code, _, error = await refusal(stub.Step(step, metadata=headers, timeout=PATIENCE))
    assert (code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ENVIRONMENT"), error


async def server_streaming(stub, channel):
    request = pb.StreamDatasetRequest(
        task="Offset-v1", count=10, chunk_rows=4, observe=pb.ObservationRequest(names=["seed"])
    )
    rows = [(chunk.first_row, len(chunk.seeds)) async for chunk in stub.StreamDataset(request, timeout=PATIENCE)]
    assert rows == [(0, 4), (4, 4), (8, 2)], rows


async def duplex_streaming(stub, channel):
    call = stub.Run(metadata=await session(stub), timeout=PATIENCE)
    for number in range(1, 21):
        await call.write(closing(number))
        assert (await call.read()).request_id == number
    await call.done_writing()
    assert await call.read() == grpc.aio.EOF
    assert await call.code() == grpc.StatusCode.OK


async def deadline(stub, channel):
    assert await endless(stub, timeout=1).code() == grpc.StatusCode.DEADLINE_EXCEEDED


async def cancel(stub, channel):
    call = endless(stub, timeout=PATIENCE)
    assert (await call.read()).first_row == 0
    call.cancel()
    assert await call.code() == grpc.StatusCode.CANCELLED


async def thousand_streams(stub, channel):
    headers = await session(stub)
    calls = [stub.Run(metadata=headers, timeout=PATIENCE) for _ in range(1000)]
    for turn in range(2):
        for number, call in enumerate(calls):
            await call.write(closing(number + turn))
            assert (await call.read()).request_id == number + turn
    for call in calls:
        await call.done_writing()
    assert all(code == grpc.StatusCode.OK for code in await asyncio.gather(*(call.code() for call in calls)))


async def gzip(stub, channel):
    request = pb.GetTaskRequest(task="a" * 1_000_000)
    call = stub.GetTask(request, compression=grpc.Compression.Gzip, timeout=PATIENCE)
    assert await call.code() == grpc.StatusCode.NOT_FOUND, await call.details()


async def unknown_method(stub, channel):
    for path in ("/physintuition.v1.EnvironmentService/Missing", "/no.such.Service/Missing"):
        call = channel.unary_unary(path, bytes, bytes)(b"", timeout=PATIENCE)
        assert await call.code() == grpc.StatusCode.UNIMPLEMENTED, await call.code()


async def unreadable(stub, channel):
    path = "/physintuition.v1.EnvironmentService/GetTask"
    code, details, error = await refusal(channel.unary_unary(path, bytes, bytes)(b"\xff\xff\xff", timeout=PATIENCE))
    assert (code, error.reason, error.message) == (grpc.StatusCode.INVALID_ARGUMENT, "UNREADABLE", details), error


async def main():
    checks = [
        unary, statuses, large, server_streaming, duplex_streaming, deadline, cancel, thousand_streams, gzip,
        unknown_method, unreadable,
    ]
    async with grpc.aio.insecure_channel(sys.argv[1], options=UNLIMITED) as channel:
        for check in checks:
            try:
                await asyncio.wait_for(check(EnvironmentServiceStub(channel), channel), PATIENCE)
                print("ok", check.__name__, flush=True)
            except BaseException as fault:  # noqa: BLE001, every fault is a line of the report
                print("failed", check.__name__, repr(fault).replace("\n", " ")[:1000], flush=True)


asyncio.run(main())
