import sys

import instructor
from instructor.core import InstructorRetryException
from openai import OpenAI
from pydantic import BaseModel


class Person(BaseModel):
    name: str


base_url, key, model, question = sys.argv[1:]


def ask(mode: instructor.Mode) -> str:
    client = instructor.from_openai(OpenAI(base_url=base_url, api_key=key, max_retries=0), mode=mode)
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model=model, messages=messages, response_model=Person, max_retries=1).name


print(ask(instructor.Mode.MD_JSON))
try:
    ask(instructor.Mode.TOOLS)
except InstructorRetryException as error:
    print(str(error))
