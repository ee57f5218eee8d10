"""Readable names for runs."""

import random

_ADJECTIVES = (
    *("agile", "amber", "apt", "bold", "bright", "brisk", "calm", "clear", "clever", "cosy", "crisp"),
    *("dapper", "deft", "eager", "early", "fair", "fine", "fleet", "fond", "fresh", "gentle", "glad"),
    *("golden", "happy", "honest", "humble", "jolly", "keen", "kind", "light", "lively", "lucid"),
    *("mellow", "merry", "mild", "neat", "nimble", "noble", "patient", "plain", "polite", "proud"),
    *("quick", "quiet", "ready", "sharp", "silver", "smart", "snug", "sober", "solid", "steady"),
    *("sunny", "tidy", "true", "upbeat", "vivid", "warm", "wise", "witty"),
)
_ANIMALS = (
    *("badger", "beaver", "bison", "bittern", "canary", "caribou", "condor", "crane", "curlew", "deer"),
    *("dipper", "dolphin", "dove", "dunlin", "eagle", "egret", "eider", "falcon", "ferret", "finch"),
    *("fox", "gecko", "gull", "hare", "harrier", "hawk", "heron", "hoopoe", "ibex", "ibis", "jay"),
    *("kestrel", "kite", "koala", "lark", "lemur", "linnet", "llama", "lynx", "magpie", "marten"),
    *("merlin", "moose", "newt", "ocelot", "oriole", "osprey", "otter", "owl", "panda", "pelican"),
    *("petrel", "pipit", "plover", "puffin", "quail", "raven", "robin", "salmon", "seal", "siskin"),
    *("skylark", "sparrow", "starling", "stork", "swallow", "swan", "teal", "tern", "thrush", "trout"),
    *("turtle", "vole", "walrus", "whale", "wombat", "wren", "yak", "zebra"),
)


def run_name(number: int) -> str:
    """Return the automatic name of the run with this number, such as `calm-heron-14`; always the same."""
    chooser = random.Random(number)
    return f"{chooser.choice(_ADJECTIVES)}-{chooser.choice(_ANIMALS)}-{number}"
