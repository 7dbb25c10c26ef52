"""grpcio as the server: `server.py DESCRIPTOR` prints `port N` and serves until its input ends."""
import asyncio
import sys

import grpc
import messages

Ask, Reply = messages.load(sys.argv[1])
CODES = {code.value[0]: code for code in grpc.StatusCode}
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


async def begin(context):
    mirrored = tuple((key, value) for key, value in context.invocation_metadata() if key.startswith("x-"))
    await context.send_initial_metadata(mirrored)
    context.set_trailing_metadata(mirrored)


async def obey(ask, context):
    if ask.delay > 0:
        await asyncio.sleep(ask.delay / 1000)
    if ask.status != 0:
        await context.abort(CODES[ask.status], ask.detail, (("x-thrown", "yes"),))


def answer(ask, number, count):
    return Reply(body=bytes(ask.size) if ask.size else ask.body, text=ask.text, number=number, count=count)


async def echo(ask, context):
    await begin(context)
    await obey(ask, context)
    return answer(ask, 0, 1)


async def repeat(ask, context):
    await begin(context)
    for index in range(ask.count):
        await asyncio.sleep(ask.delay / 1000)
        yield answer(ask, index, 1)
    if ask.status != 0:
        await context.abort(CODES[ask.status], ask.detail, (("x-thrown", "yes"),))


async def total(stream, context):
    await begin(context)
    reply = Reply()
    async for ask in stream:
        await obey(ask, context)
        reply.count += 1
        reply.number += ask.number
    return reply


async def chat(stream, context):
    await begin(context)
    count = 0
    async for ask in stream:
        await obey(ask, context)
        count += 1
        yield answer(ask, ask.number, count)


async def main():
    server = grpc.aio.server(options=UNLIMITED)
    codec = {"request_deserializer": Ask.FromString, "response_serializer": Reply.SerializeToString}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(messages.SERVICE, {
        "Echo": grpc.unary_unary_rpc_method_handler(echo, **codec),
        "Repeat": grpc.unary_stream_rpc_method_handler(repeat, **codec),
        "Sum": grpc.stream_unary_rpc_method_handler(total, **codec),
        "Chat": grpc.stream_stream_rpc_method_handler(chat, **codec),
    }),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print("port", port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(None)


asyncio.run(main())
