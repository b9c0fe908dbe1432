"""Writes tokenizer/<name>/ and tokenizer/<name>.json: four tokenizers and the ids they give for the same hard texts.

bytes      the byte-level tokenizer that RLHF4J writes for a fresh model: one id per byte, three special tokens
bpe        Llama 3's shape: byte-level BPE behind a splitting expression, ignore_merges, special tokens after the vocabulary
metaspace  Llama 2's shape in today's form: BPE with byte fallback, Metaspace pre-tokenizer that prepends once
prepend    Llama 2's shape as most published tokenizer.json have it: a normalizer prepends and replaces the spaces
"""

import copy
import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

import golden

SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SENTENCES = [
    "The quick brown fox jumps over the lazy dog, and the dog doesn't mind.",
    "the other one said that they'll think about it there and then",
    "A reward model reads a prompt and a completion and gives them one number.",
    "Human: What is the answer? Assistant: The answer is that there is no answer.",
    "Human: How are you? Assistant: I am fine, and how are you?",
    "in 2024 and 2025 there were 12345 rows and 100 more rows",
    "for (int i = 0; i < n; i++) { return i; }",
    "café über naïve straße",
]


def texts(specials):
    """Hard texts; those with specials spell this tokenizer's own special tokens."""
    first, last = specials[0], specials[-1]
    return [
        "",
        " ",
        "  ",
        "a",
        " a",
        "a ",
        "Hello, world!",
        "The quick brown fox doesn't mind the other dog.",
        "they'll THEY'LL I'm I'M you've it's",
        "\n",
        "\n\n",
        "\t\t\n \n",
        "line one\nline two\r\nline three\rline four",
        "a  b   c    d     e      f",
        "trailing spaces   ",
        "   leading spaces",
        " \u00a0\u2003\u3000 wide spaces",
        "tab\tseparated\tvalues",
        "\u0001\u0002\u001b[31m\u007f\u0085",
        "\u2028line separator\u2029paragraph separator",
        "1 12 123 1234 12345 1234567890",
        "3.14159 -2.5e-10 1,000,000 0x1F",
        "for (int i = 0; i < n; i++) {\n\t\treturn a[i] += b->c;\n}\n",
        "{\"key\": [1, 2.5, null, \"\\u00e9\"]}",
        "https://example.org/path?query=a%20b&c=d#fragment",
        "café naïve Ångström straße",
        "cafe\u0301 nai\u0308ve",  # the same letters as combining marks: must not be composed
        "\ufb01 \u2126 \u00bd",  # compatibility characters: must not be folded
        "Привет, мир! Γειά σου Κόσμε",
        "你好,世界。日本語とひらがなカタカナ",
        "مرحبا بالعالم שלום עולם",
        "नमस्ते दुनिया",
        "สวัสดีชาวโลก",
        "😀😃 🇩🇪 👩‍👩‍👧‍👦 👍🏽 ❤️",
        "a😀b",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U00010348 \U0010ffff",
        "\ufeffbyte order mark, \ufffd replacement, \u200bzero width",
        "zalgo: h\u0336\u0321\u034ee\u0338\u0322l\u0335",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "the the the thethethe answeranswer",
        "▁already▁marked ▁ and ▁▁",
        "Ġbyte Ċlevel Ġalphabet",
        "<0x41> <0x0A> <unk>",
        f"a{last}b",
        f"{first}{last}",
        f" {first} text {last} ",
        f"{first}\n\nHuman: hi\n\nAssistant: hello{last}{last}",
        f"almost {last[:-1]} {last[1:]} {last.upper()} {last[:2]} {last[2:]}",
        " ".join(specials),
        "<tool>call</tool>",
    ]


def byte_alphabet():
    """The printable stand-in of each byte in byte-level vocabularies, by byte value."""
    keep = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    rest = [byte for byte in range(256) if byte not in keep]
    return [chr(byte) if byte in keep else chr(256 + rest.index(byte)) for byte in range(256)]


def added(token, number, special=True):
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": not special, "special": special}
    return {"id": number, "content": token, **flags}


def bytes_json():
    """Plain JSON, every field spelled out, as a program without the tokenizers library would write it."""
    alphabet = byte_alphabet()
    assert sorted(alphabet) == sorted(pre_tokenizers.ByteLevel.alphabet())
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(token, 256 + i) for i, token in enumerate(("<|pad|>", "<|bos|>", "<|eos|>"))],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {letter: byte for byte, letter in enumerate(alphabet)},
            "merges": [],
        },
    }


def bpe_json():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(SPLIT), "isolated"), byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|pad|>"]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    tokenizer.add_tokens([AddedToken("<tool>", special=False, normalized=False)])
    begin = ("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))
    template = processors.TemplateProcessing(
        single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", special_tokens=[begin]
    )
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return json.loads(tokenizer.to_str())


def sentencepiece_json(old_form):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=True)
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=first, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    if old_form:
        tokenizer.pre_tokenizer = None
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    result = json.loads(tokenizer.to_str())
    # The trainer lists every byte token as a special added token; published files list only the first three.
    result["added_tokens"] = [added(token, i) for i, token in enumerate(first[:3])]
    return result


def tokenizer_config(definition, bos, eos, pad, unk):
    decoder = {
        str(t["id"]): {key: t[key] for key in ("content", "lstrip", "normalized", "rstrip", "single_word", "special")}
        for t in definition["added_tokens"]
    }
    config = {
        "added_tokens_decoder": decoder,
        "bos_token": bos,
        "clean_up_tokenization_spaces": False,
        "eos_token": eos,
        # What transformers writes for "no limit": readers that parse it as a Java int or long fail.
        "model_max_length": 1000000000000000019884624838656,
        "pad_token": pad,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": unk,
    }
    return {key: value for key, value in config.items() if value is not None}


def special_tokens_map(bos, eos, pad, unk):
    named = {"bos_token": bos, "eos_token": eos, "pad_token": pad, "unk_token": unk}
    return {key: value for key, value in named.items() if value is not None}


def encode(tokenizer, text, plain):
    return tokenizer(text, add_special_tokens=False, split_special_tokens=plain, return_attention_mask=False)["input_ids"]


def content_tokenizer(definition):
    """The tokenizer for content: the same file, in which no text can spell a special token.

    Taking the special tokens out is not enough: ids of added tokens that the model vocabulary lacks are handed out
    anew in list order when the file is read, so one that follows a removed token would get another id. Each special
    token keeps its place under a name with NUL characters, which no text may contain.
    """
    copied = copy.deepcopy(definition)
    for token in copied["added_tokens"]:
        if token["special"] and token["content"] not in copied["model"]["vocab"]:
            token["content"] = f"\0{token['id']}\0"
    vocabulary = copied["model"]["vocab"]
    copied["added_tokens"] = [t for t in copied["added_tokens"] if not (t["special"] and t["content"] in vocabulary)]
    copied["post_processor"] = None
    return Tokenizer.from_str(json.dumps(copied))


def store(name, definition, bos, eos, pad, unk, specials):
    directory = golden.OUT / "tokenizer" / name
    directory.mkdir(parents=True, exist_ok=True)
    named = (bos, eos, pad, unk)
    for file, value in (
        ("tokenizer.json", definition),
        ("tokenizer_config.json", tokenizer_config(definition, *named)),
        ("special_tokens_map.json", special_tokens_map(*named)),
    ):
        (directory / file).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    tokenizer = AutoTokenizer.from_pretrained(directory)
    content = content_tokenizer(definition)
    cases = []
    for text in texts(specials):
        control, plain = encode(tokenizer, text, False), encode(tokenizer, text, True)
        assert plain == content.encode(text, add_special_tokens=False).ids, (name, text)
        decoded = tokenizer.decode(control, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        whole = tokenizer(text, add_special_tokens=True)["input_ids"]
        case = {"text": text, "ids_control": control, "ids_plain": plain, "ids_template": whole, "decoded": decoded}
        case["decoded_plain"] = tokenizer.decode(plain, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        cases.append(case)
    ids = {role: tokenizer.convert_tokens_to_ids(token) for role, token in zip(("bos", "eos", "pad", "unk"), named) if token}
    golden.write(
        f"tokenizer/{name}.json",
        {"tokenizer": name, "class": type(tokenizer).__name__, "vocabulary": len(tokenizer), "special_ids": ids, "cases": cases},
    )
    changed = sum(c["ids_control"] != c["ids_plain"] for c in cases)
    lossy = [c["text"] for c in cases if c["decoded_plain"] != c["text"]]
    print(f"   {type(tokenizer).__name__}, {len(tokenizer)} tokens, {changed} texts differ as plain text, ids {ids}")
    print(f"   not restored by decoding: {lossy}")


def main():
    store("bytes", bytes_json(), "<|bos|>", "<|eos|>", "<|pad|>", None, ["<|pad|>", "<|bos|>", "<|eos|>"])
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|pad|>"]
    store("bpe", bpe_json(), names[0], names[1], names[3], None, [names[i] for i in (0, 2, 3, 1)])
    for name, old_form in (("metaspace", False), ("prepend", True)):
        store(name, sentencepiece_json(old_form), "<s>", "</s>", None, "<unk>", ["<unk>", "<s>", "</s>"])


if __name__ == "__main__":
    main()
