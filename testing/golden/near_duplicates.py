"""Near duplicates of a small corpus, found by comparing every two texts: no hashes, no bands."""

import itertools
import random
import unicodedata

import golden

SIZE = 8
THRESHOLD = 0.8

SENTENCES = [
    "Larches lose their needles in autumn, and so the light reaches the ground below them until April.",
    "Swifts sleep in the air; they land only to breed, and some have been aloft for ten months.",
    "Im Straßengraben fand die Müllerin einen Ölkanister, drei Äpfel und ein sehr altes Fahrrad.",
    "Η γρήγορη αλεπού πηδάει πάνω από τον τεμπέλη σκύλο και χάνεται στο σκοτεινό δάσος.",
    "落葉松は秋に葉を落とすので、四月まで地面に光が届き、下草がよく育つことで知られている木です。",
    "Съешь же ещё этих мягких французских булок да выпей чаю, пока он совсем не остыл.",
    "The answer is 42, but nobody remembers the question, which was asked a very long time ago.",
    "Boil the water, add the salt, then the pasta; stir once, and wait for nine minutes in all.",
]


def normal(text):
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def runs(text):
    text = normal(text)
    return {text[i : i + SIZE] for i in range(max(1, len(text) - SIZE + 1))}


def changed(text, rng):
    """One to six small changes, from none that counts to more than a near duplicate may have."""
    kind = rng.randrange(5)
    if kind == 0:
        return text.upper().replace(" ", "  ")
    if kind == 1:
        return unicodedata.normalize("NFD", text) + "\n"
    letters = list(text)
    for _ in range(rng.randrange(1, 4)):
        letters[rng.randrange(len(letters))] = rng.choice("abcxyz?!")
    if kind == 2:
        return "".join(letters)
    at = rng.randrange(len(letters) // 2)
    return "".join(letters[:at] + letters[at + rng.randrange(1, 20) :])


def main():
    rng = random.Random(6)
    texts = list(SENTENCES)
    for _ in range(56):
        texts.append(changed(rng.choice(texts), rng))
    sets = [runs(text) for text in texts]
    similar = []
    first = list(range(len(texts)))
    for i, j in itertools.combinations(range(len(texts)), 2):
        jaccard = len(sets[i] & sets[j]) / len(sets[i] | sets[j])
        assert abs(jaccard - THRESHOLD) > 1e-6
        similar.append([i, j, jaccard])
        if jaccard >= THRESHOLD and first[i] != first[j]:
            least, most = sorted((first[i], first[j]))
            first = [least if f == most else f for f in first]
    golden.write(
        "preference/near_duplicates.json",
        {
            "size": SIZE,
            "threshold": THRESHOLD,
            "texts": texts,
            "normalised": [normal(text) for text in texts],
            "jaccard": [s for s in similar if s[2] > 0],
            "first": first,
        },
    )


main()
