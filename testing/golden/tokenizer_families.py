"""Writes tokenizer/<family>/ and tokenizer/<family>.json: a tiny tokenizer in the shape of each family, and what it gives.

Models are trained on a few sentences; normalizers, pre-tokenizers and decoders are those that transformers gives to the
family (models/*/tokenization_*.py of transformers 5.18):

gpt2     byte-level BPE with the regular expression inside
neox     Pythia, OLMo, ModernBERT: the same behind NFC, with runs of spaces as added tokens
qwen2    byte-level BPE behind NFC and a splitting expression, single digits
gemma    BPE with byte fallback, spaces replaced by a normalizer, no prefix
bert     WordPiece, lower-cased and without accents
deberta  DeBERTa v3: Unigram, Metaspace after NFC, white space folded
xlmr     XLM-RoBERTa, T5: Unigram behind a precompiled character map
albert   Unigram behind NFKD, without accents, lower-cased

ids_plain is what text of a user becomes: it cannot spell a special token. It is compared with
split_special_tokens=True of transformers; where a Unigram or WordPiece vocabulary itself holds the special token as a piece,
that is not enough, so there the piece is renamed (and the text must hold a special token).
"""

import copy
import io
import json
import re
import tempfile

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX
from transformers.utils import sentencepiece_model_pb2_new as model_pb2

import golden
from tokenizers_files import SENTENCES, encode, special_tokens_map, texts, tokenizer_config

MORE = [
    "می‌خواهم Üñïçödé",
    "soft\u00adhyphen \u202eoverride\u202c \u2066isolate\u2069",
    "한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "ｆｕｌｌｗｉｄｔｈ １２３ ①②",
    "İstanbul ıŞĞ ẞß ΑΣ ας",
    "👩🏽‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☺︎",
    "``quoted'' 'single' “curly”",
    "    if x:\n        y = [i**2 for i in range(10)]\n\n\n    return y",
    "\r\n\r\n\u000b\u000c\u001c end",
    "x" * 120,
]

# Source and target code points, as sentencepiece reads them: a little of its nmt_nfkc.
CHARACTER_MAP = {
    "\ufb01": "fi", "\u2126": "\u03a9", "\u00bd": "1\u20442", "\u00a0": " ", "\u2003": " ", "\u3000": " ",
    "\t": " ", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " ", "\u0001": "", "\u0002": "", "\u007f": "",
    "\ufeff": "", "\u200b": " ", "\u00ad": "", "e\u0301": "é", "i\u0308": "ï", "ｆ": "f", "ｕ": "u", "ｌ": "l",
    "１": "1", "２": "2", "３": "3", "①": "1", "②": "2",
}


def byte_level(normalizer, pre_tokenizer, specials, extra=()):
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    tokenizer.add_tokens([AddedToken(name, special=False, normalized=True) for name in extra])
    return tokenizer


def gpt2():
    return byte_level(None, pre_tokenizers.ByteLevel(add_prefix_space=False), ["<|endoftext|>"])


def neox():
    spaces = [" " * n for n in range(8, 1, -1)]
    return byte_level(
        normalizers.NFC(), pre_tokenizers.ByteLevel(add_prefix_space=False), ["<|endoftext|>", "<|padding|>"], spaces
    )


def qwen2():
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated", invert=False)
    pre = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return byte_level(normalizers.NFC(), pre, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], ["<tool_call>"])


def gemma():
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"]
    first = specials + [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(fuse_unk=True, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(pattern="▁", behavior="merged_with_next", invert=False)
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=first, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(pattern=" ", behavior="merged_with_previous", invert=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)]
    )
    definition = json.loads(tokenizer.to_str())
    # The trainer makes every byte a special token; in the published file only the control tokens are.
    definition["added_tokens"] = [token for token in definition["added_tokens"] if token["content"] in specials]
    return Tokenizer.from_str(json.dumps(definition))


def bert():
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # The trainer's pieces depend on the order of a hash table, so these are taken from the words.
    words = sorted({word for sentence in SENTENCES for word in re.findall(r"[a-z]+", sentence.lower())})
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'-_/\\()[]{}<>|=+*#%&\"\u4f60\u597d\u4e16приветм\u0915"))
    endings = ["##ing", "##ed", "##er", "##s", "##ly", "##wer", "##tion", "##12", "##45"]
    pieces = specials + letters + [f"##{letter}" for letter in letters] + [w for w in words if len(w) > 1][::2] + endings
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.post_processor = classifier_template("[CLS]", 2, "[SEP]", 3)
    return tokenizer


def classifier_template(first, first_id, last, last_id):
    return processors.TemplateProcessing(
        single=f"{first}:0 $A:0 {last}:0",
        pair=f"{first}:0 $A:0 {last}:0 $B:1 {last}:1",
        special_tokens=[(first, first_id), (last, last_id)],
    )


def unigram():
    """Pieces with scores and the precompiled map, from sentencepiece's own trainer."""
    written = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as file:
        for source, target in CHARACTER_MAP.items():
            print(*(" ".join(f"{ord(c):X}" for c in text) for text in (source, target)), sep="\t", file=file)
        file.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES * 4), model_writer=written, model_type="unigram", vocab_size=160,
            hard_vocab_limit=False, normalization_rule_tsv=file.name, num_threads=1, minloglevel=2,
        )
    model = model_pb2.ModelProto.FromString(written.getvalue())
    pieces = [(piece.piece, piece.score) for piece in model.pieces if piece.type == 1]
    return pieces, model.normalizer_spec.precompiled_charsmap


def of_pieces(first, last, unknown, normalizer, pre_tokenizer, scheme, pieces):
    vocabulary = [(token, 0.0) for token in first] + pieces
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=first.index(unknown), byte_fallback=False))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme=scheme)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in first])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False, lstrip=True) for name in last])
    return tokenizer


def deberta():
    normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), normalizers.NFC(), normalizers.Strip(left=False, right=True)]
    )
    pre = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    first = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    tokenizer = of_pieces(first, ["[MASK]"], "[UNK]", normalizer, pre, "always", unigram()[0])
    tokenizer.post_processor = classifier_template("[CLS]", 1, "[SEP]", 2)
    return tokenizer


def split_metaspace():
    metaspace = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])


def xlmr():
    pieces, characters = unigram()
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    normalizer = normalizers.Precompiled(characters)
    tokenizer = of_pieces(first, ["<mask>"], "<unk>", normalizer, split_metaspace(), "always", pieces)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["<s>", "$A", "</s>"], pair=["<s>", "$A", "</s>", "</s>", "$B", "</s>"],
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def albert():
    pieces, characters = unigram()
    lower = {}
    for piece, score in pieces:
        lower.setdefault(piece.lower(), score)
    normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
            normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Precompiled(characters),
        ]
    )
    first = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = of_pieces(first, [], "<unk>", normalizer, split_metaspace(), "always", list(lower.items()))
    tokenizer.post_processor = classifier_template("[CLS]", 2, "[SEP]", 3)
    return tokenizer


FAMILIES = {
    # maker: bos, eos, pad, unk, the specials that texts spell
    gpt2: ("<|endoftext|>", "<|endoftext|>", None, None, ["<|endoftext|>"]),
    neox: (None, "<|endoftext|>", "<|padding|>", None, ["<|padding|>", "<|endoftext|>"]),
    qwen2: (None, "<|im_end|>", "<|endoftext|>", None, ["<|im_start|>", "<|endoftext|>", "<|im_end|>"]),
    gemma: ("<bos>", "<eos>", "<pad>", "<unk>", ["<bos>", "<start_of_turn>", "<unk>", "<end_of_turn>"]),
    bert: (None, None, "[PAD]", "[UNK]", ["[CLS]", "[MASK]", "[SEP]"]),
    deberta: ("[CLS]", "[SEP]", "[PAD]", "[UNK]", ["[CLS]", "[MASK]", "[SEP]"]),
    xlmr: ("<s>", "</s>", "<pad>", "<unk>", ["<s>", "<mask>", "</s>"]),
    albert: ("[CLS]", "[SEP]", "<pad>", "<unk>", ["[CLS]", "[MASK]", "[SEP]"]),
}


def content_tokenizer(definition):
    """The same file, in which no text spells a special token but the unknown one: each keeps its id under another name."""
    copied = copy.deepcopy(definition)
    model = copied["model"]
    unknown = model.get("unk_token") or (model["vocab"][model["unk_id"]][0] if model.get("unk_id") is not None else None)
    hidden = {t["content"]: f"\0{t['id']}\0" for t in copied["added_tokens"] if t["special"] and t["content"] != unknown}
    listed = model["vocab"] if isinstance(model["vocab"], dict) else [piece for piece, _ in model["vocab"]]
    copied["added_tokens"] = [
        {**t, "content": hidden.get(t["content"], t["content"])}
        for t in copied["added_tokens"]
        if not (t["special"] and t["content"] in listed)
    ]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {hidden.get(token, token): number for token, number in model["vocab"].items()}
    else:
        model["vocab"] = [[hidden.get(piece, piece), score] for piece, score in model["vocab"]]
    copied["post_processor"] = None
    return Tokenizer.from_str(json.dumps(copied))


def store(maker, bos, eos, pad, unk, specials):
    name, definition = maker.__name__, json.loads(maker().to_str())
    directory = golden.OUT / "tokenizer" / name
    directory.mkdir(parents=True, exist_ok=True)
    for file, value in (
        ("tokenizer.json", definition),
        ("tokenizer_config.json", tokenizer_config(definition, bos, eos, pad, unk)),
        ("special_tokens_map.json", special_tokens_map(bos, eos, pad, unk)),
    ):
        (directory / file).write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    tokenizer = AutoTokenizer.from_pretrained(directory)
    content = content_tokenizer(definition)
    cases, held = [], 0
    for text in texts(specials) + MORE:
        control = encode(tokenizer, text, False)
        plain = content.encode(text, add_special_tokens=False).ids
        if plain != encode(tokenizer, text, True):
            held += 1
            assert any(t["content"].lower() in text.lower() for t in definition["added_tokens"]), (name, text)
        case = {"text": text, "ids_control": control, "ids_plain": plain}
        case["ids_template"] = tokenizer(text, add_special_tokens=True)["input_ids"]
        for key, ids in (("decoded", control), ("decoded_plain", plain)):
            case[key] = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        cases.append(case)
    named = zip(("bos", "eos", "pad", "unk"), (bos, eos, pad, unk))
    ids = {role: tokenizer.convert_tokens_to_ids(token) for role, token in named if token}
    golden.write(
        f"tokenizer/{name}.json",
        {"tokenizer": name, "class": type(tokenizer).__name__, "vocabulary": len(tokenizer), "special_ids": ids, "cases": cases},
    )
    print(f"   {len(tokenizer)} tokens, {held} texts where the vocabulary itself would make a special token")


if __name__ == "__main__":
    for family, arguments in FAMILIES.items():
        store(family, *arguments)
