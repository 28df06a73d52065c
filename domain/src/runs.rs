//! Numbers that follow one another without a gap, kept as the first and the last of them.

/// Ranges of numbers, in order; none touches the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs(Vec<Run>);

/// Both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub first: i64,
    pub last: i64,
}

impl Runs {
    /// The runs of these numbers, which may come in any order.
    #[must_use]
    pub fn of(mut numbers: Vec<i64>) -> Self {
        numbers.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        for number in numbers {
            match runs.last_mut() {
                Some(run) if number <= run.last.saturating_add(1) => run.last = number,
                _ => runs.push(Run {
                    first: number,
                    last: number,
                }),
            }
        }
        Self(runs)
    }

    /// Runs that were made before, at different times: in the order of their last numbers, none within another.
    #[must_use]
    pub fn made(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut joined: Vec<Run> = Vec::new();
        for run in runs {
            match joined.last_mut() {
                Some(before) if run.first <= before.last.saturating_add(1) => {
                    before.last = run.last
                }
                _ => joined.push(run),
            }
        }
        Self(joined)
    }

    #[must_use]
    pub fn contains(&self, number: i64) -> bool {
        let behind = self.0.partition_point(|run| run.last < number);
        self.0.get(behind).is_some_and(|run| run.first <= number)
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Run] {
        &self.0
    }

    /// What of these runs is in none of `others`.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        for run in &self.0 {
            let mut first = run.first;
            let behind = others.0.partition_point(|other| other.last < first);
            for other in others.0.iter().skip(behind) {
                if other.first > run.last {
                    break;
                }
                if first < other.first {
                    left.push(Run {
                        first,
                        last: other.first.saturating_sub(1),
                    });
                }
                first = other.last.saturating_add(1);
            }
            if first <= run.last {
                left.push(Run {
                    first,
                    last: run.last,
                });
            }
        }
        Self(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn numbers(runs: &Runs) -> BTreeSet<i64> {
        runs.0.iter().flat_map(|run| run.first..=run.last).collect()
    }

    proptest! {
        #[test]
        fn runs_hold_the_numbers_that_they_were_made_of(some in prop::collection::vec(0i64..60, 0..60)) {
            let runs = Runs::of(some.clone());
            let some: BTreeSet<i64> = some.into_iter().collect();
            prop_assert_eq!(&numbers(&runs), &some);
            prop_assert_eq!(Runs::made(runs.as_slice().iter().copied()), runs.clone());
            for number in -1..61 {
                prop_assert_eq!(runs.contains(number), some.contains(&number));
            }
            for pair in runs.as_slice().windows(2) {
                prop_assert!(pair[0].last + 1 < pair[1].first, "{:?} and {:?} are one", pair[0], pair[1]);
            }
        }

        #[test]
        fn what_is_in_others_is_left_out(
            some in prop::collection::vec(0i64..60, 0..60),
            others in prop::collection::vec(0i64..60, 0..60),
        ) {
            let left = Runs::of(some.clone()).without(&Runs::of(others.clone()));
            let expected: BTreeSet<i64> = some.into_iter().filter(|one| !others.contains(one)).collect();
            prop_assert_eq!(numbers(&left), expected);
        }
    }
}
