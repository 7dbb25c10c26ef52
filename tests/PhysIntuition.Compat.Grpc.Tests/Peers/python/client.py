"""grpcio as the client: `client.py TARGET DESCRIPTOR` prints one line per check, `ok NAME` or `failed NAME WHY`."""
import asyncio
import sys

import grpc
import messages

TARGET, (Ask, Reply) = sys.argv[1], messages.load(sys.argv[2])
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
PATIENCE = 60


def methods(channel):
    """Echo, Repeat, Sum and Chat as callables."""
    kinds = {
        "Echo": channel.unary_unary,
        "Repeat": channel.unary_stream,
        "Sum": channel.stream_unary,
        "Chat": channel.stream_stream,
    }
    return [
        make(f"/{messages.SERVICE}/{name}", Ask.SerializeToString, Reply.FromString) for name, make in kinds.items()
    ]


async def asks(count):
    for number in range(1, count + 1):
        yield Ask(number=number)


async def unary(echo, repeat, total, chat):
    reply = await echo(Ask(text="hello", body=b"\x00\xff"), timeout=PATIENCE)
    assert (reply.text, reply.body) == ("hello", b"\x00\xff"), reply


async def empty(echo, repeat, total, chat):
    assert await echo(Ask(), timeout=PATIENCE) == Reply(count=1)


async def large(echo, repeat, total, chat):
    body = bytes(range(256)) * (32 << 12)
    assert len(body) == 32 << 20
    assert (await echo(Ask(body=body), timeout=PATIENCE)).body == body


async def server_streaming(echo, repeat, total, chat):
    numbers = [reply.number async for reply in repeat(Ask(count=5), timeout=PATIENCE)]
    assert numbers == [0, 1, 2, 3, 4], numbers


async def client_streaming(echo, repeat, total, chat):
    reply = await total(asks(100), timeout=PATIENCE)
    assert (reply.count, reply.number) == (100, 5050), reply


async def duplex_streaming(echo, repeat, total, chat):
    call = chat(timeout=PATIENCE)
    for number in range(20):
        await call.write(Ask(number=number))
        assert (await call.read()).number == number
    await call.done_writing()
    assert await call.read() == grpc.aio.EOF
    assert await call.code() == grpc.StatusCode.OK


async def statuses(echo, repeat, total, chat):
    for code in grpc.StatusCode:
        number, _ = code.value
        if number == 0:
            continue
        detail = f"100 % größer\n火 {number}"
        streamed = repeat(Ask(status=number, detail=detail, count=1))
        assert (await streamed.read()).number == 0
        for call in (echo(Ask(status=number, detail=detail)), streamed):
            assert await call.code() == code, (await call.code(), code)
            assert await call.details() == detail, await call.details()
            assert ("x-thrown", "yes") in tuple(await call.trailing_metadata())


async def metadata(echo, repeat, total, chat):
    sent = (("x-text", "a, b"), ("x-bytes-bin", bytes(range(256))), ("x-empty-bin", b""))
    call = echo(Ask(), metadata=sent, timeout=PATIENCE)
    await call
    for received in (tuple(await call.initial_metadata()), tuple(await call.trailing_metadata())):
        for entry in sent:
            assert entry in received, (entry, received)


async def deadline(echo, repeat, total, chat):
    call = echo(Ask(delay=600_000, text="python-deadline"), timeout=3)
    assert await call.code() == grpc.StatusCode.DEADLINE_EXCEEDED


async def cancel(echo, repeat, total, chat):
    call = chat(timeout=PATIENCE)
    await call.write(Ask())
    await call.read()
    await call.write(Ask(delay=600_000, text="python-cancel"))
    await echo(Ask(text="after python-cancel"), timeout=PATIENCE)
    call.cancel()
    assert await call.code() == grpc.StatusCode.CANCELLED


async def thousand_streams(echo, repeat, total, chat):
    calls = [chat(timeout=PATIENCE) for _ in range(1000)]
    for turn in range(2):
        await asyncio.gather(*(call.write(Ask(number=number + turn)) for number, call in enumerate(calls)))
        replies = await asyncio.gather(*(call.read() for call in calls))
        assert [reply.number for reply in replies] == [number + turn for number in range(1000)]
    for call in calls:
        await call.done_writing()
    assert all(code == grpc.StatusCode.OK for code in await asyncio.gather(*(call.code() for call in calls)))


async def gzip(echo, repeat, total, chat):
    body = b"a" * 1_000_000
    reply = await echo(Ask(body=body), compression=grpc.Compression.Gzip, timeout=PATIENCE)
    assert reply.body == body


async def unknown_method(channel):
    for path in (f"/{messages.SERVICE}/Missing", "/no.such.Service/Missing"):
        call = channel.unary_unary(path, Ask.SerializeToString, Reply.FromString)(Ask(), timeout=PATIENCE)
        assert await call.code() == grpc.StatusCode.UNIMPLEMENTED, await call.code()


async def main():
    checks = [
        unary, empty, large, server_streaming, client_streaming, duplex_streaming, statuses, metadata, deadline,
        cancel, thousand_streams, gzip,
    ]
    async with grpc.aio.insecure_channel(TARGET, options=UNLIMITED) as channel:
        for check in checks:
            await report(check.__name__, check(*methods(channel)))
        await report("unknown_method", unknown_method(channel))


async def report(name, check):
    try:
        await asyncio.wait_for(check, PATIENCE)
        print("ok", name, flush=True)
    except BaseException as fault:  # noqa: BLE001, every fault is a line of the report
        print("failed", name, repr(fault).replace("\n", " ")[:1000], flush=True)


asyncio.run(main())
