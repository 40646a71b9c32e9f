"""A whole site on a Unix socket, asked for what it is meant to give."""

import asyncio
import os

from aiohttp import web


async def ask(path):
    reader, writer = await asyncio.open_unix_connection("site.sock")
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer.split(b"\r\n", 1)[0]


async def main():
    os.makedirs("public", exist_ok=True)
    with open("public/page", "w") as file:
        file.write("@@TOKEN@@")
    app = web.Application()
    app.router.add_static("/static/", "public", follow_symlinks=True)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, "site.sock").start()
    try:
        print(await ask("/static/page"))
    finally:
        await runner.cleanup()


asyncio.run(main())
