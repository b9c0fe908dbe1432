"""Writes benchmarks/shakespeare/tokenizer.json and tokenizer_config.json: a byte-level BPE of 2,000 tokens.

shakespeare_tokenizer.py TINYSHAKESPEARE.TXT

It is trained on the first nine tenths of the text, which the language model learns from too. Made with tokenizers 0.23.2;
running it again gives the same bytes.
"""

import hashlib
import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
SPECIALS = ["<|pad|>", "<|bos|>", "<|eos|>"]
VOCABULARY = 2000
CONTEXT = 4096

content = pathlib.Path(sys.argv[1]).read_bytes()
assert hashlib.sha256(content).hexdigest() == SHA256, "this is another text"
text = content.decode("ascii")
text = text[: text.index("\n\n", len(text) * 9 // 10) + 2]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=VOCABULARY,
    special_tokens=[AddedToken(token, normalized=False, special=True) for token in SPECIALS],
    initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    show_progress=False,
)
tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)

target = pathlib.Path(__file__).parent.parent / "shakespeare"
target.mkdir(exist_ok=True)
(target / "tokenizer.json").write_text(tokenizer.to_str(pretty=False) + "\n", encoding="utf-8")
flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
config = {
    "added_tokens_decoder": {str(i): {"content": token, **flags} for i, token in enumerate(SPECIALS)},
    "bos_token": "<|bos|>",
    "clean_up_tokenization_spaces": False,
    "eos_token": "<|eos|>",
    "model_max_length": CONTEXT,
    "pad_token": "<|pad|>",
    "tokenizer_class": "PreTrainedTokenizerFast",
}
(target / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
ids = tokenizer.encode(text).ids
print(f"{tokenizer.get_vocab_size()} tokens, {len(text) / len(ids):.2f} characters a token, {len(ids)} tokens of text")
