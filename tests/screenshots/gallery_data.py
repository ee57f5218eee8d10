"""Invented figures, long names and Chinese text for the gallery."""

from workbench.core.records import Finding, Job
from workbench.core.states import JobState, Severity

LESIONS = ["nevus", "melanoma", "keratosis", "carcinoma", "dermatofibroma", "血管病变 (vascular)"]
COUNTS = [
    [612, 14, 21, 6, 3, 1],
    [31, 162, 9, 7, 0, 0],
    [24, 8, 301, 11, 2, 0],
    [5, 6, 12, 118, 1, 0],
    [3, 0, 2, 1, 41, 0],
    [1, 0, 0, 0, 0, 38],
]
RUNS = [
    ("calm-heron-14", 0, "convnet", 0.8712, 12_345, 102.0, "finished", "good"),
    ("brisk-otter-13", 1, "resnet18", 0.8633, 11_689_512, 1834.0, "running", "info"),
    ("plain-linnet-15", 2, "mlp", None, 50_890, None, "waits", ""),
    (
        "皮肤病变分类-基线-一个非常长的运行名称-第十六次-with-a-tail",
        3,
        "convnet",
        0.7911,
        422_345,
        96.4,
        "diverged",
        "danger",
    ),
    ("<b>not bold</b>-17", 4, "linear", 0.6123, 7_850, 12.1, "interrupted", "warning"),
]
CARDS = [
    (
        "Small convolutional network",
        "Learns filters of its own; sees shapes wherever they stand in the picture.",
        "Fits 8×8 pictures; 97 % on data like this.",
        "Recommended",
        "stack",
    ),
    (
        "Linear model",
        "One weight a pixel. The honest baseline: what does not beat it is not worth its cost.",
        "",
        "",
        "chart-line",
    ),
    (
        "全连接网络 (MLP)",
        "Fully connected network with ReLU, for tables and small pictures.",
        "Pictures larger than 64 pixels make it slow.",
        "",
        "cube",
    ),
]
TILES = [
    ("Macro F1 · goal 0.90", "0.871", "95 % interval 0.858–0.884 · not yet reached", "warning"),
    ("Accuracy", "0.884", "0.868–0.899"),
    ("Worst class: melanoma recall", "0.775", "0.716–0.829 · watched by risk 1", "danger"),
    ("Calibration error", "0.041", "temperature 1.31 would give 0.012"),
]
FINDINGS = [
    Finding(
        "imbalance",
        Severity.WARNING,
        1,
        "The class melanoma has 15 times fewer samples than nevus; weigh the classes or collect more of it.",
    ),
    Finding(
        "duplicate",
        Severity.INFO,
        98,
        "The same picture is there more than once; copies were left out.",
        ("nevus/0042.png", "nevus/0042-copy.png"),
    ),
    Finding(
        "corrupt",
        Severity.DANGER,
        3,
        "Three files are no pictures and were not imported.",
        ("a.png: cut off after 120 bytes", "<img src=/etc/passwd>.png: no picture"),
    ),
]
BANNERS = (
    (
        "The disk /data is full, so the checkpoint of epoch 12 could not be written; free 1.2 GB and resume.",
        "danger",
        "Resume",
    ),
    ("melanoma recall is 0.775, below the limit of 0.90.", "warning", ""),
    ("The file is read as GB18030.", "info", "Change …"),
    ("Imported 1,797 pictures in 0:02.", "good", ""),
)
JOBS = [
    Job(1, "calm-heron-14", JobState.RUNNING, "run:1", 61, 100, "training", 102.0),
    Job(2, "b", JobState.WAITING),
    Job(3, "c", JobState.WAITING),
]
