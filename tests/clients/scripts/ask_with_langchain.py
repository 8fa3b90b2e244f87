import sys

from langchain_core.exceptions import ContextOverflowError
from langchain_openai import ChatOpenAI

base_url, key, model, question = sys.argv[1:]
chat = ChatOpenAI(base_url=base_url, api_key=key, model=model, temperature=0, max_retries=0)
try:
    print(chat.invoke(question).content)
except ContextOverflowError:
    print("too long")
