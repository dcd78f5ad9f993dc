"""A simple kernel to measure against, and the same in C: no cells, no conditions, no differences.

Waiting times are geometric, one chance of loss rises with age, and women stop at two children. It shows what
the machine can do; its numbers mean nothing.
"""

from __future__ import annotations

import math

from decidua.base.address import stream_of, uniform_at
from decidua.base.compiled import compiled


@compiled
def simple_lives(seed: int, first: int, last: int) -> float:
    """Let women live simply; returns pregnancies, so that no work is left out."""
    pregnancies = 0.0
    for woman in range(first, last):
        stream = stream_of(seed, woman)
        age, births, order = 20.0 + 15.0 * uniform_at(stream, 0, 0), 0, 0
        chance = 0.05 + 0.3 * uniform_at(stream, 0, 1)
        while births < 2 and age < 45.0 and order < 30:
            order += 1
            age += (1 + int(math.log(uniform_at(stream, order, 0)) / math.log(1.0 - chance))) / 13.0
            p_loss = 1.0 / (1.0 + math.exp(2.2 - 0.02 * (age - 20.0) * max(age - 30.0, 1.0) / 5.0))
            lost = uniform_at(stream, order, 1) < p_loss
            births += 0 if lost else 1
            age += 0.4 if lost else 1.5 + uniform_at(stream, order, 2)
        pregnancies += order
    return pregnancies


SOURCE_IN_C = r"""
#include <math.h>
#include <stdint.h>
static inline uint64_t mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}
#define GOLDEN 0x9E3779B97F4A7C15ull
static inline double at(uint64_t start, uint64_t step, uint64_t occasion, uint64_t purpose) {
  return ((double)(int64_t)(mixed(start + (occasion * 32 + purpose + 1) * step) >> 11) + 0.5) * 0x1p-53;
}
double simple_lives(uint64_t seed, int64_t first, int64_t last) {
  double pregnancies = 0.0;
  for (int64_t woman = first; woman < last; woman++) {
    uint64_t start = mixed(mixed(seed + GOLDEN) ^ mixed((uint64_t)woman * GOLDEN + 1));
    uint64_t step = mixed(start + GOLDEN) | 1;
    if (__builtin_popcountll(step ^ (step >> 1)) < 24) step ^= 0xAAAAAAAAAAAAAAAAull;
    double age = 20.0 + 15.0 * at(start, step, 0, 0), chance = 0.05 + 0.3 * at(start, step, 0, 1);
    int births = 0, order = 0;
    while (births < 2 && age < 45.0 && order < 30) {
      order++;
      age += (1 + (int)(log(at(start, step, order, 0)) / log(1.0 - chance))) / 13.0;
      double p = 1.0 / (1.0 + exp(2.2 - 0.02 * (age - 20.0) * fmax(age - 30.0, 1.0) / 5.0));
      int lost = at(start, step, order, 1) < p;
      births += lost ? 0 : 1;
      age += lost ? 0.4 : 1.5 + at(start, step, order, 2);
    }
    pregnancies += order;
  }
  return pregnancies;
}
"""
