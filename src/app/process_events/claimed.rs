//! Working on a backlog that others work on too: each takes what no other has taken, until its transaction ends.
//!
//! As long as one batch takes all that waits, whoever books it is alone. Of a backlog each thread takes deliveries of
//! some lanes at a time, and books them while others book those of other lanes.

use super::super::{App, Failure, lane};
use super::frontier::{BEGINNING, Frontier};
use super::write::{Marked, Written, write};
use super::{Batch, Processed, apply, count, is_about_data, limit, one_by_one};
use crate::store::rows::Due;
use crate::store::{Lanes, Turn, WriteTx};
use avstem_domain::time::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Threads that work on a backlog. Each waits for the database most of the time; a fourth adds little.
const THREADS: usize = 3;
/// Batches that each of them takes in one round.
const BATCHES_EACH: usize = 5;

/// Lanes that a thread takes together while no other process is in any. Deliveries of all lanes lie in each bundle, which is
/// fetched and unpacked for every batch that has some of them. With more of them nothing would be left for a process
/// that comes.
const TOGETHER: usize = 2;

/// Which deliveries are taken together.
#[derive(Clone, Copy)]
enum Taken {
    All,
    Of(Lanes),
}

impl Taken {
    /// Those of lanes that others are in are left to them.
    const fn lanes(self, turn: Turn) -> Option<Lanes> {
        match (self, turn) {
            (Self::All, _) => None,
            (Self::Of(_), Turn::Lanes(entered)) => Some(entered),
            (Self::Of(lanes), Turn::Alone) => Some(lanes),
        }
    }

    const fn turn(self) -> Turn {
        match self {
            Self::All => Turn::Alone,
            Self::Of(lanes) if lanes.contain(lane::OF_ALL) => Turn::Alone,
            Self::Of(lanes) => Turn::Lanes(lanes),
        }
    }
}

/// Lanes of a backlog in which something waits, as far as is known in this round: in turn, and each one's own thread's
/// but that of deliveries which do not say whose they are. Of these several take some, and book them one by one.
struct Queue(Mutex<Queued>);

struct Queued {
    lanes: VecDeque<i64>,
    /// How many of them a thread takes.
    together: usize,
}

impl Queue {
    /// Begins anywhere, so that two processes seldom meet.
    fn all(app: &App) -> Self {
        let all = lane::OF_ALL..=lane::LANES;
        let mut lanes: VecDeque<i64> = all.collect();
        let [.., anywhere] = *app.clock.uuid().as_bytes();
        lanes.rotate_left(usize::from(anywhere) % lanes.len());
        Self(Mutex::new(Queued {
            lanes,
            together: if app.signals.company.is_expected() {
                1
            } else {
                TOGETHER
            },
        }))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Queued) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn next(&self) -> Option<Lanes> {
        self.change(|queued| {
            let mut lanes = Lanes::one(queued.lanes.pop_front()?);
            if lanes.contain(lane::OF_ALL) {
                queued.lanes.push_back(lane::OF_ALL);
                return Some(lanes);
            }
            for beside in (lanes.first..).take(queued.together).skip(1) {
                if queued.lanes.pop_front_if(|next| *next == beside).is_none() {
                    break;
                }
                lanes.last = beside;
            }
            Some(lanes)
        })
    }

    /// A batch of some lanes is done with.
    fn done(&self, lanes: Lanes, claim: &Claim) {
        self.change(|queued| {
            queued.lanes.retain(|other| !lanes.contain(*other));
            if claim.is_full() {
                queued.lanes.extend(lanes.each());
            }
            if claim.has_met_another(lanes) {
                queued.together = 1;
            }
        });
    }
}

/// What a batch took.
#[derive(Default)]
struct Claim {
    /// Its lanes: those that were asked for, without those that others are in.
    lanes: Option<Lanes>,
    batch: Option<Arc<Batch>>,
}

impl Claim {
    /// Whether more may wait in its lanes.
    fn is_full(&self) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.is_full())
    }

    /// Whoever looks next begins where this one ended, if it came to its end.
    fn move_on(&self, frontier: &Frontier, claimed: &Result<Processed, Failure>) {
        match (&self.batch, claimed) {
            (Some(batch), Ok(_)) => frontier.done(self.lanes, &batch.events),
            (_, Err(_)) => frontier.forget(self.lanes),
            (None, Ok(_)) => {}
        }
    }

    /// Whether another process was in some of the lanes that were asked for.
    fn has_met_another(&self, asked: Lanes) -> bool {
        self.lanes != Some(asked)
    }
}

/// Processes what is due now, or some batches of it. Of a backlog several threads take one batch each.
pub(super) fn process_due(app: &App) -> Result<Processed, Failure> {
    if !is_backlog(app)? {
        let (done, claim) = process_batch(app, Taken::All)?;
        if claim.is_full() {
            app.signals.backlog.seen();
        }
        return Ok(done);
    }
    let queue = Queue::all(app);
    let rounds = std::thread::scope(|scope| {
        let others = [(); THREADS - 1].map(|()| scope.spawn(|| process_batches(app, &queue)));
        let own = process_batches(app, &queue);
        let others = others.map(std::thread::ScopedJoinHandle::join);
        others
            .map(|other| other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .into_iter()
            .chain([own])
            .collect::<Result<Vec<_>, _>>()
    })?;
    let mut total = Processed::default();
    rounds.into_iter().for_each(|round| total.add(round));
    Ok(total)
}

/// Whether more waits than one transaction takes.
fn is_backlog(app: &App) -> Result<bool, Failure> {
    if !app.signals.backlog.may_be() {
        return Ok(false);
    }
    let now = app.clock.now().as_micros();
    let from = app.signals.frontier.so_far();
    let found = app
        .store
        .read_first(|tx| tx.more_wait_than(now, from, limit()).map_err(Failure::from))?;
    if !found {
        app.signals.backlog.none();
    }
    Ok(found)
}

fn process_batches(app: &App, queue: &Queue) -> Result<Processed, Failure> {
    let mut total = Processed::default();
    for _ in 0..BATCHES_EACH {
        let Some(lanes) = queue.next() else {
            break;
        };
        let (done, claim) = process_batch(app, Taken::Of(lanes))?;
        total.add(done);
        if claim.has_met_another(lanes) {
            app.signals.company.seen();
        }
        queue.done(lanes, &claim);
    }
    Ok(total)
}

/// Processes one batch.
fn process_batch(app: &App, taken: Taken) -> Result<(Processed, Claim), Failure> {
    let mut claim = Claim::default();
    let claimed = claim_batch(app, taken, &mut claim);
    claim.move_on(&app.signals.frontier, &claimed);
    let done = match claimed {
        Ok(done) => done,
        Err(Failure::Store(error)) if !is_about_data(&error) => return Err(error.into()),
        Err(Failure::Stopped(stopped)) => return Err(stopped.into()),
        Err(failure) => match &claim.batch {
            None => return Err(failure),
            Some(batch) if matches!(failure, Failure::OtherLanes) => {
                apply(app, &batch.events, &batch.read)?
            }
            // One delivery cannot be applied: each goes by itself, and only that one fails.
            Some(batch) => one_by_one(app, &batch.events, &batch.read)?,
        },
    };
    count(app, done);
    Ok((done, claim))
}

/// Takes what waits and writes what follows, in one transaction. What it took is in `claim`, however that ended.
fn claim_batch(app: &App, taken: Taken, claim: &mut Claim) -> Result<Processed, Failure> {
    let written = app.store.write_claimed(
        taken.turn(),
        |tx| {
            claim.batch = None;
            claim.lanes = taken.lanes(tx.turn());
            let now = app.clock.now();
            let events = claim_first(tx, app, now, claim.lanes)?;
            if events.is_empty() {
                return Ok(None);
            }
            app.seams.cross("tx:process:before")?;
            let claimed = Arc::new(Batch::of(app, events));
            claim.batch = Some(Arc::clone(&claimed));
            // Who has a backlog may wait for another writer now, and does then what needs no turn.
            let marked = if claimed.is_full() {
                mark(tx, now, &claimed)?;
                Marked::Certain
            } else {
                Marked::None
            };
            Ok::<_, Failure>(Some((claimed, marked)))
        },
        |tx, (claimed, marked)| {
            let events = claimed.events.iter().zip(&claimed.read);
            write(tx, app, events, *marked)
        },
    )?;
    let Some(Written { done, lag }) = written else {
        return Ok(Processed::default());
    };
    app.seams.cross("tx:process:after")?;
    lag.measure(app);
    Ok(done)
}

/// Takes what became due first.
fn claim_first(
    tx: &mut WriteTx<'_>,
    app: &App,
    now: Timestamp,
    lanes: Option<Lanes>,
) -> Result<Vec<Due>, Failure> {
    let now = now.as_micros();
    let from = app.signals.frontier.next(lanes, now);
    let events = tx.claim_waiting(now, from, lanes, limit())?;
    if from == BEGINNING || !events.is_empty() {
        return Ok(events);
    }
    Ok(tx.claim_waiting(now, BEGINNING, lanes, limit())?)
}

/// Marks what will be done with for certain if the transaction is committed.
fn mark(tx: &mut WriteTx<'_>, now: Timestamp, batch: &Batch) -> Result<(), Failure> {
    let mut ids: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (event, read) in batch.events.iter().zip(&batch.read) {
        if let Some(state) = read.is_certain_to_be() {
            ids.entry(state).or_default().push(event.id.clone());
        }
    }
    for (state, ids) in &ids {
        tx.finish_events(ids, state, now.as_micros())?;
    }
    Ok(())
}
