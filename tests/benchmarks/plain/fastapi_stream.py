"""Baseline: a plain ``/stream`` that calls the model within the request. No log, no resuming, no limits."""

import json
from collections.abc import AsyncIterator

import openai
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
client = openai.AsyncOpenAI()


@app.get("/stream")
async def stream(message: str) -> StreamingResponse:
    return StreamingResponse(answer(message), media_type="text/event-stream")


async def answer(message: str) -> AsyncIterator[str]:
    stream = await client.chat.completions.create(
        model="fake", messages=[{"role": "user", "content": message}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and (text := chunk.choices[0].delta.content):
            yield f"data: {json.dumps({'chunk': text})}\n\n"
    yield 'data: {"done": true}\n\n'
