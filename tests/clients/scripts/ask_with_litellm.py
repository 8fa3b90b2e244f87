import sys

import litellm
from litellm import completion
from litellm.exceptions import ContextWindowExceededError

base_url, key, model, question = sys.argv[1:]
litellm.suppress_debug_info = True  # it would print where to get help
messages = [{"role": "user", "content": question}]
try:
    answer = completion(f"openai/{model}", messages, api_base=base_url, api_key=key, max_retries=0)
    print(answer.choices[0].message.content)
except ContextWindowExceededError:
    print("too long")
