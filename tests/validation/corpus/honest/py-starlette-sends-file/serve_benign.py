"""Serve one request for a file that may be had."""

import asyncio
import os

from starlette.staticfiles import StaticFiles

os.makedirs("static", exist_ok=True)
with open("static/page", "w") as file:
    file.write("@@TOKEN@@")


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def main():
    sent = []

    async def send(message):
        sent.append(message["type"])

    app = StaticFiles(directory="static")
    scope = {"type": "http", "method": "GET", "path": "/page", "headers": [], "query_string": b"", "root_path": ""}
    await app(scope, receive, send)
    print(sent)


asyncio.run(main())
