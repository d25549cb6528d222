"""The scaling lab: a hidden law, a budget, and one forecast to hand in.

Every seed is a game: `start` hides a law behind it. Runs are bought, a loss and a size
are forecast, and a report card compares with the truth, with the best forecast from the
same runs and with the best use of the budget. `PRACTICE` are ten seeds to learn with;
`start_exam` and `grade` make an exam of it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cards": ["ReportCard"],
        "designs": ["Design", "best_design", "design_error"],
        "exams": ["Exam", "Receipt", "grade", "start_exam"],
        "games": ["PRACTICE", "Game", "start"],
        "truths": ["Truth", "truth_of"],
    },
)
