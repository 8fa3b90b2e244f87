"""llama.cpp's server with a tiny model of random weights: ``python llama.py <file of the model> <port>``.

It runs in the environment of ``requirements.txt`` beside this file, not in the app's.
"""

import sys
import threading
from pathlib import Path

import gguf  # pyright: ignore[reportMissingImports] - of another environment, as are the next two
import numpy  # pyright: ignore[reportMissingImports]
import xllamacpp  # pyright: ignore[reportMissingImports]

CONTEXT = 512
_WIDTH, _HEADS, _LAYERS, _HIDDEN = 64, 4, 2, 128
_BEGIN, _END = "<|im_start|>", "<|im_end|>"
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


def byte_tokens() -> list[str]:
    """One token for each byte, as GPT-2 writes them."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def write_model(path: Path) -> None:
    """A Llama with the vocabulary of bytes; it answers with noise."""
    writer = gguf.GGUFWriter(path, "llama")
    tokens = [*byte_tokens(), _BEGIN, _END]
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * 2)
    writer.add_token_merges(["Ġ Ġ"])
    writer.add_bos_token_id(tokens.index(_BEGIN))
    writer.add_eos_token_id(tokens.index(_END))
    writer.add_chat_template(_TEMPLATE)

    random = numpy.random.default_rng(1)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.1).astype(numpy.float32))

    add("token_embd", len(tokens), _WIDTH)
    add("output", len(tokens), _WIDTH)
    add("output_norm", _WIDTH)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        for name in ("attn_norm", "ffn_norm"):
            add(f"{block}.{name}", _WIDTH)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{block}.{name}", _WIDTH, _WIDTH)
        add(f"{block}.ffn_gate", _HIDDEN, _WIDTH)
        add(f"{block}.ffn_up", _HIDDEN, _WIDTH)
        add(f"{block}.ffn_down", _WIDTH, _HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(path: Path, port: int) -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.port = port
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.ignore_eos = True  # noise may end with its first token, which is an empty answer
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    threading.Event().wait()
    del server  # it serves for as long as it is there


if __name__ == "__main__":
    model = Path(sys.argv[1])
    write_model(model)
    serve(model, int(sys.argv[2]))
