"""A training step of R1 by PyTorch on the processor, for comparison by hand:

    apt-get install python3-torch && /usr/bin/python3 bench/peers/r1_torch.py

With one thread and with one a core, as either may be faster; of each the median and minimum of 12 runs of 50 steps, after two
that do not count. Loss and accuracy are read once a run. It runs in a process of its own, so compare it with
`npm run bench -- steps` taken right before or after, on a machine with nothing else to do, never with an old figure.
"""

import os
import statistics
import time

import torch
from torch import nn

BATCH, STEPS, RUNS, WARM_UP = 32, 50, 12, 2

torch.manual_seed(1)
images = torch.rand(STEPS, BATCH, 1, 28, 28)
labels = torch.randint(0, 10, (STEPS, BATCH))


def measure():
    """Milliseconds a step, one for each run."""
    model = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(5408, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    criterion = nn.CrossEntropyLoss()

    def run():
        total, hits = torch.zeros(()), torch.zeros(())
        for x, y in zip(images, labels):
            logits = model(x)
            loss = criterion(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
            hits += (logits.detach().argmax(1) == y).sum()
        return total.item() / STEPS, hits.item() / (STEPS * BATCH)

    first, _ = run()
    times = []
    for i in range(WARM_UP + RUNS):
        begin = time.perf_counter()
        last, _ = run()
        if i >= WARM_UP:
            times.append(1000 * (time.perf_counter() - begin) / STEPS)
    if not last < first:
        raise SystemExit(f"the loss does not fall: {first} to {last}")
    return times


for threads in sorted({1, os.cpu_count() or 1}):
    torch.set_num_threads(threads)
    times = measure()
    figures = f"median {statistics.median(times):.2f} ms, minimum {min(times):.2f} ms"
    print(f"torch {torch.__version__}, {threads} threads: R1 step, batch {BATCH}: {figures}")
