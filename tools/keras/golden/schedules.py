"""`keras/schedules.json`: the learning rates of the first 60 steps."""

from collections.abc import Iterator

from keras.optimizers import schedules as S

from .fixture import Fixture

CASES: dict[str, S.LearningRateSchedule] = {
    "exponential_decay": S.ExponentialDecay(0.1, 10, 0.9),
    "exponential_decay_staircase": S.ExponentialDecay(0.1, 10, 0.9, staircase=True),
    "cosine_decay": S.CosineDecay(0.1, 50, alpha=0.1),
    "cosine_decay_warmup": S.CosineDecay(0.0, 50, warmup_target=0.1, warmup_steps=10),
    "cosine_decay_restarts": S.CosineDecayRestarts(0.1, 10),
    "cosine_decay_restarts_equal": S.CosineDecayRestarts(0.1, 7, t_mul=1.0, m_mul=0.8, alpha=0.05),
    "cosine_decay_restarts_shrinking": S.CosineDecayRestarts(0.1, 9, t_mul=1.5, m_mul=0.6, alpha=0.01),
    "piecewise_constant_decay": S.PiecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01]),
    "polynomial_decay": S.PolynomialDecay(0.1, 50, 0.01, power=2.0),
    "polynomial_decay_cycle": S.PolynomialDecay(0.1, 20, 0.01, cycle=True),
    "inverse_time_decay": S.InverseTimeDecay(0.1, 10, 0.5),
}


def fixtures() -> Iterator[Fixture]:
    yield Fixture(
        "schedules",
        "keras/schedules.json",
        {
            name: {"config": schedule.get_config(), "learning_rate_at_step": [float(schedule(i)) for i in range(60)]}
            for name, schedule in CASES.items()
        },
    )
