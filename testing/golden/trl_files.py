"""What TRL reads of the files that RLHF4J writes: preference/trl/NAME.jsonl and .parquet, and preference/trl.json about them.

    trl_files.py inputs    writes preference/trl/NAME.in.jsonl, rows as RLHF4J reads them
    rlhf data convert --in NAME.in.jsonl --out NAME.jsonl --to LAYOUT, and the same with .parquet, for every case
    trl_files.py verify    reads the written files with datasets, compares with the rows meant, and gives them to TRL's
                           trainers: what they tokenize must be what they make of the rows meant

verify writes the SHA-256 of every file it has accepted into trl.json; a test in Java holds its bytes against that.
"""

import hashlib
import json
import sys
import tempfile

import datasets
import dpo
import golden
import trl
from datasets import Dataset, load_dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.reward_trainer import RewardTrainer
from trl.trainer.sft_trainer import SFTTrainer

golden.VERSIONS["trl"] = trl.__version__
golden.VERSIONS["datasets"] = datasets.__version__
FOLDER = golden.OUT / "preference" / "trl"
TEMPLATE = "{% for m in messages %}t{{ 10 if m['role'] == 'user' else 11 }} {{ m['content'] }} {% endfor %}{% if add_generation_prompt %}t11 {% endif %}"


def user(text):
    return [{"role": "user", "content": text}]


def assistant(text):
    return [{"role": "assistant", "content": text}]


def pair(prompt, chosen, rejected, **more):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected, **more}


def trl_pair(row):
    return {name: row[name] for name in ("prompt", "chosen", "rejected")}


def kto(rows):
    judged = []
    for row in rows:
        for name, label in (("chosen", True), ("rejected", False)):
            judged.append({"prompt": row["prompt"], "completion": row[name], "label": label})
    return judged


TEXTS = [
    pair("t3 t4 ", "t5 t6", "t7", margin=1.5, id="a"),
    pair('"quoted", t8\n\tä 日本 😀 ', "t9 \u2028", "\\t5", weight=0.5),
    pair("t12 ", "t13 t14", "t15 t16 t17", probability=0.9),
]
CHATS = [
    pair(user("t3 t4"), assistant("t5 t6"), assistant("t7")),
    pair(user("t8") + assistant("t9") + user("t12 ü"), assistant("t13"), assistant("t14 t15"), source="s"),
]
TIE = pair("t3 ", "t4", "t5", probability=0.5)
LESS_LIKELY = pair("t3 ", "t4", "t5", probability=0.2)
DEMONSTRATIONS = [{"prompt": "t3 ", "completion": "t4 t5"}, {"prompt": "t6 t7 ", "completion": "t8"}]
WHOLE = [{"messages": user("t3 t4") + assistant("t5")}, {"messages": user("t6") + assistant("t7 t8")}]
STEPS = [{"prompt": "t3", "completions": ["t4", "t5 t6"], "labels": [True, False]}]

# name: layout, rows that RLHF4J reads, rows that TRL shall read, the trainers that take them
CASES = {
    "pairs_text": ("trl", TEXTS + [TIE, LESS_LIKELY], [trl_pair(r) for r in TEXTS] + [pair("t3 ", "t5", "t4")], (DPOTrainer, RewardTrainer)),
    "pairs_chat": ("trl", CHATS, [trl_pair(r) for r in CHATS], (DPOTrainer, RewardTrainer)),
    "kto_text": ("kto", TEXTS + [TIE], kto(TEXTS), (KTOTrainer,)),
    "kto_chat": ("kto", CHATS, kto(CHATS), (KTOTrainer,)),
    "demonstrations": ("trl", DEMONSTRATIONS, DEMONSTRATIONS, (SFTTrainer,)),
    "conversations": ("trl", WHOLE, WHOLE, (SFTTrainer,)),
    "stepwise": ("trl", STEPS, STEPS, ()),
    "prompts_text": ("prompts", TEXTS, [{"prompt": r["prompt"]} for r in TEXTS], ()),
    "prompts_chat": ("prompts", CHATS, [{"prompt": r["prompt"]} for r in CHATS], ()),
}
CONFIGS = {DPOTrainer: trl.DPOConfig, RewardTrainer: trl.RewardConfig, KTOTrainer: trl.KTOConfig, SFTTrainer: trl.SFTConfig}


def preprocessed(trainer, data):
    """The rows of token ids that a trainer makes of a data set."""
    load = AutoModelForSequenceClassification if trainer is RewardTrainer else AutoModelForCausalLM
    model = load.from_pretrained(golden.OUT / "models" / ("llama_rm" if trainer is RewardTrainer else "llama_gqa"))
    tokenizer = dpo.tokenizer()
    tokenizer.chat_template = TEMPLATE
    more = {"ref_model": AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / "llama_gqa")} if trainer in (DPOTrainer, KTOTrainer) else {}
    with tempfile.TemporaryDirectory() as folder:
        args = CONFIGS[trainer](
            output_dir=folder, use_cpu=True, bf16=False, gradient_checkpointing=False, report_to=[], max_length=None,
            disable_tqdm=True, save_strategy="no", per_device_train_batch_size=2,
        )  # fmt: skip
        return trainer(model=model, processing_class=tokenizer, train_dataset=data, args=args, **more).train_dataset.to_list()


def inputs():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (_, rows, _, _) in CASES.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (FOLDER / f"{name}.in.jsonl").write_text("".join(lines), encoding="utf-8")


def verify():
    cases = []
    for name, (layout, _, expected, trainers) in CASES.items():
        wanted = Dataset.from_list(expected)
        tokens = {trainer: preprocessed(trainer, wanted) for trainer in trainers}
        for kind in ("json", "parquet"):
            file = FOLDER / f"{name}.{'jsonl' if kind == 'json' else kind}"
            with tempfile.TemporaryDirectory() as cache:
                found = load_dataset(kind, data_files=str(file), split="train", cache_dir=cache)
                assert found.column_names == wanted.column_names, (name, kind, found.column_names)
                assert found.to_list() == expected, (name, kind, found.to_list())
                for trainer in trainers:
                    assert preprocessed(trainer, found) == tokens[trainer], (name, kind, trainer)
            cases.append(
                {
                    "name": name,
                    "layout": layout,
                    "file": file.name,
                    "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                    "rows": len(expected),
                    "trainers": [trainer.__name__ for trainer in trainers],
                }
            )
            print(name, kind, len(expected), "rows,", [trainer.__name__ for trainer in trainers])
    golden.write("preference/trl.json", {"cases": cases})


if __name__ == "__main__":
    {"inputs": inputs, "verify": verify}[sys.argv[1]]()
