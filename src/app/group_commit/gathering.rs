//! What waits, and who takes it: everything that waits at once, and of several takers not each a little.
//!
//! A commit costs the same for few as for many. So while one taker is at work, another begins only with as many as
//! are worth it; what comes meanwhile waits for the first to come back, as it would if there were one taker.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Taken at once, at most.
const BATCH_MAX: usize = 256;
/// As many are worth a commit beside another that is under way: half of what 64 connections bring, so that one half is written
/// while the disk has the other. Two who take whatever waits store 15 at a time on PostgreSQL, and a delivery takes a
/// third more of the processors' time.
const WORTH_ANOTHER: usize = 32;

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Takers that have not ended.
    takers: usize,
    /// Of them, those who have taken something and are not done with it.
    at_work: usize,
    /// Nobody comes any more.
    is_closed: bool,
}

/// Where those come in who wait. Dropped, it is closed; what waits is taken all the same.
pub struct Entrance<T>(Arc<Shared<T>>);

/// One who takes. When the last one is dropped, everyone who waits is dropped too, and whoever comes later.
pub struct Taker<T>(Arc<Shared<T>>);

/// A taker is at work until this is dropped.
pub struct AtWork<'t, T>(&'t Shared<T>);

pub fn open<T>(takers: usize) -> (Entrance<T>, Vec<Taker<T>>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            waiting: VecDeque::new(),
            takers,
            at_work: 0,
            is_closed: false,
        }),
        changed: Condvar::new(),
    });
    let taker = |_| Taker(Arc::clone(&shared));
    let takers = (0..takers).map(taker).collect();
    (Entrance(shared), takers)
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// Whether another taker should begin with what waits.
    fn is_worth_it(&self) -> bool {
        match self.waiting.len() {
            0 => false,
            _ if self.at_work == 0 || self.is_closed => true,
            waiting => waiting >= WORTH_ANOTHER,
        }
    }
}

impl<T> Entrance<T> {
    pub fn enter(&self, one: T) {
        let mut state = self.0.state();
        if state.takers == 0 {
            return;
        }
        // Whoever was woken for those before takes this one too.
        let somebody_comes = state.is_worth_it();
        state.waiting.push_back(one);
        let wake = !somebody_comes && state.is_worth_it();
        drop(state);
        if wake {
            self.0.changed.notify_one();
        }
    }
}

impl<T> Drop for Entrance<T> {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl<T> Taker<T> {
    /// Waits until there is something worth it, and takes all of it, in the order in which it came. None when nobody
    /// will come any more.
    pub fn gather(&self, into: &mut Vec<T>) -> Option<AtWork<'_, T>> {
        let mut state = self.0.state();
        while !state.is_worth_it() {
            if state.is_closed {
                return None;
            }
            state = self
                .0
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let taken = state.waiting.len().min(BATCH_MAX);
        into.extend(state.waiting.drain(..taken));
        state.at_work += 1;
        let more = state.is_worth_it();
        drop(state);
        if more {
            self.0.changed.notify_one();
        }
        Some(AtWork(&self.0))
    }
}

impl<T> Drop for AtWork<'_, T> {
    fn drop(&mut self) {
        self.0.state().at_work -= 1;
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.takers -= 1;
        let nobody_takes = state.takers == 0;
        let left = if nobody_takes {
            std::mem::take(&mut state.waiting)
        } else {
            VecDeque::new()
        };
        drop(state);
        drop(left);
        // What it would have taken is another's now.
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter_all(entrance: &Entrance<usize>, count: usize) {
        (0..count).for_each(|one| entrance.enter(one));
    }

    /// What a taker that does not wait finds worth it.
    fn is_worth_it(taker: &Taker<usize>) -> bool {
        taker.0.state().is_worth_it()
    }

    #[test]
    fn one_who_is_alone_takes_whatever_waits_in_its_order() {
        let (entrance, takers) = open(1);
        let mut taken = Vec::new();
        assert!(!is_worth_it(&takers[0]));
        enter_all(&entrance, 3);
        drop(takers[0].gather(&mut taken));
        assert_eq!(taken, [0, 1, 2]);
        entrance.enter(7);
        drop(takers[0].gather(&mut taken));
        assert_eq!(taken, [0, 1, 2, 7]);
    }

    #[test]
    fn beside_one_who_is_at_work_another_begins_only_where_it_is_worth_it() {
        let (entrance, takers) = open(2);
        entrance.enter(0);
        let at_work = takers[0].gather(&mut Vec::new());
        enter_all(&entrance, WORTH_ANOTHER - 1);
        assert!(!is_worth_it(&takers[1]));
        entrance.enter(7);
        assert!(is_worth_it(&takers[1]));
        let mut taken = Vec::new();
        let other = takers[1].gather(&mut taken);
        assert_eq!(taken.len(), WORTH_ANOTHER);
        entrance.enter(8);
        assert!(!is_worth_it(&takers[0]));
        drop((at_work, other));
        assert!(is_worth_it(&takers[0]), "nobody is at work");
    }

    #[test]
    fn a_batch_is_not_longer_than_it_may_be() {
        let (entrance, takers) = open(1);
        enter_all(&entrance, BATCH_MAX + 1);
        let mut taken = Vec::new();
        drop(takers[0].gather(&mut taken));
        assert_eq!(taken.len(), BATCH_MAX);
        drop(takers[0].gather(&mut taken));
        assert_eq!(taken.last(), Some(&BATCH_MAX));
    }

    #[test]
    fn what_waits_is_taken_after_the_entrance_is_closed_and_then_it_is_over() {
        let (entrance, takers) = open(2);
        entrance.enter(1);
        let at_work = takers[0].gather(&mut Vec::new());
        entrance.enter(2);
        drop(entrance);
        let mut taken = Vec::new();
        assert!(takers[1].gather(&mut taken).is_some());
        assert_eq!(taken, [2]);
        drop(at_work);
        assert!(takers[0].gather(&mut taken).is_none());
    }

    #[test]
    fn who_waits_is_let_go_when_nobody_takes_any_more() {
        let (entrance, mut takers) = open(2);
        let waits = Arc::new(());
        let let_go = || Arc::strong_count(&waits) == 1;
        entrance.enter(Arc::clone(&waits));
        drop(takers.pop());
        assert!(!let_go(), "there is one left");
        drop(takers.pop());
        assert!(let_go());
        entrance.enter(Arc::clone(&waits));
        assert!(let_go());
    }

    #[test]
    fn takers_that_wait_are_woken_and_nothing_is_left_or_taken_twice() {
        const EACH: usize = 5_000;
        let (entrance, takers) = open(2);
        let mut all: Vec<usize> = std::thread::scope(|scope| {
            let taking = |taker: Taker<usize>| {
                let mut all = Vec::new();
                while let Some(at_work) = taker.gather(&mut all) {
                    std::thread::yield_now();
                    drop(at_work);
                }
                all
            };
            let taking: Vec<_> = takers
                .into_iter()
                .map(|taker| scope.spawn(move || taking(taker)))
                .collect();
            let entrance = Arc::new(entrance);
            for first in [0, EACH] {
                let entrance = Arc::clone(&entrance);
                scope.spawn(move || (first..first + EACH).for_each(|one| entrance.enter(one)));
            }
            drop(entrance);
            taking
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        all.sort_unstable();
        assert_eq!(all, (0..2 * EACH).collect::<Vec<_>>());
    }
}
