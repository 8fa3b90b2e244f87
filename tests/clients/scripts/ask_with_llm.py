import json
import os
import sys
import tempfile
from pathlib import Path

base_url, key, model, question = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    os.environ["LLM_USER_PATH"] = folder
    known = [{"model_id": "chat", "model_name": model, "api_base": base_url, "api_key_name": "chat"}]
    Path(folder, "extra-openai-models.yaml").write_text(json.dumps(known))  # JSON is YAML too
    import llm  # reads the folder

    print(llm.get_model("chat").prompt(question, key=key).text())
