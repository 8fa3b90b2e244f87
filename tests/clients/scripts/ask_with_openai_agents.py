import sys

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI

base_url, key, model, question = sys.argv[1:]
set_tracing_disabled(True)  # it would send what is asked to OpenAI
client = AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0)
agent = Agent(name="Ann", instructions="Be brief.", model=OpenAIChatCompletionsModel(model, client))
print(Runner.run_sync(agent, question).final_output)
