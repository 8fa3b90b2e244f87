import sys

from openai import OpenAI

base_url, key, model, question = sys.argv[1:]
client = OpenAI(base_url=base_url, api_key=key, max_retries=0)
assert client.models.retrieve(model).id == model
print(
    client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}])
    .choices[0]
    .message.content
)
