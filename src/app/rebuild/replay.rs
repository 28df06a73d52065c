//! The history once more: deliveries in the order in which they were processed, answers where they
//! came between them.

use super::super::Failure;
use super::super::books::{kept, take_in};
use super::super::lane;
use super::super::process_events::{self, Read, with_causes};
use super::super::progress::Progress;
use super::super::replay_events::replay_state;
use super::finding::Finding;
use super::scratch::Scratch;
use super::timeline::{Happening, Moment, Timeline, moment};
use super::{Checked, Part, Watch};
use crate::store::ReadTx;
use crate::store::rows::{Due, Event, EventSummary, StoredAnswer};
use avstem_domain::time::Timestamp;
use std::collections::{BTreeMap, VecDeque};

/// Deliveries that are queued in one transaction, or listed at once.
const PAGE: i64 = 500;
/// Deliveries in one transaction.
const BATCH_MAX: i64 = 256;

pub(super) struct Replay<'r, 'tx, 's> {
    pub(super) live: &'r mut ReadTx<'tx>,
    pub(super) scratch: &'s Scratch,
    watch: &'r mut dyn Watch,
    checked: Checked,
    /// Deliveries to process.
    queued: u64,
    /// Deliveries that the scratch inbox gave out ahead of their moment.
    waiting: VecDeque<Due>,
    timeline: Timeline,
}

impl<'r, 'tx, 's> Replay<'r, 'tx, 's> {
    pub(super) fn new(
        live: &'r mut ReadTx<'tx>,
        scratch: &'s Scratch,
        watch: &'r mut dyn Watch,
    ) -> Self {
        Self {
            live,
            scratch,
            watch,
            checked: Checked::default(),
            queued: 0,
            waiting: VecDeque::new(),
            timeline: Timeline::default(),
        }
    }

    pub(super) fn run(mut self) -> Result<Checked, Failure> {
        self.queue_events()?;
        while let Some((moment, happening)) = self.timeline.next(self.live)? {
            self.events_before(Some(&moment))?;
            match happening {
                Happening::Answer(answer) => self.answer(&answer)?,
                Happening::Cancellation(asked) => self.ask_for(&asked)?,
                Happening::Change { at, cancellation } => {
                    self.change_cancellation(cancellation, at)?;
                }
                Happening::Report(report) => self.report(&report)?,
            }
        }
        self.events_before(None)?;
        self.once_more()?;
        self.ask_for_the_rest()?;
        self.decide_the_rest()?;
        self.book_reports()?;
        self.recognise()?;
        self.tell_what_is_left()?;
        Ok(self.checked)
    }

    /// Puts every delivery that was applied into the scratch inbox, without its bytes. The inbox gives
    /// them out in the order in which they are due.
    fn queue_events(&mut self) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let page = self.live.events_applied(&after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let queue: Vec<Event> = page.into_iter().map(queued).collect();
            self.scratch.app.store.append_events(&queue)?;
            self.queued = add(self.queued, queue.len());
        }
    }

    /// Processes what comes before a moment, or everything.
    fn events_before(&mut self, until: Option<&Moment>) -> Result<(), Failure> {
        loop {
            if self.waiting.is_empty() {
                let next = self
                    .scratch
                    .app
                    .store
                    .read(|tx| tx.events_waiting(i64::MAX, None, BATCH_MAX))?;
                self.waiting = next.into();
            }
            let is_before =
                |event: &&Due| until.is_none_or(|until| moment(event.due_at, &event.id) < *until);
            let count = self.waiting.iter().take_while(is_before).count();
            if count == 0 {
                return Ok(());
            }
            let batch: Vec<Due> = self.waiting.drain(..count).collect();
            self.events(&batch)?;
        }
    }

    fn events(&mut self, batch: &[Due]) -> Result<(), Failure> {
        let ids: Vec<String> = batch.iter().map(|event| event.id.clone()).collect();
        let mut stored: BTreeMap<String, Due> = self
            .live
            .events_by_ids(&ids)?
            .into_iter()
            .map(|event| (event.id.clone(), Due::from(event)))
            .collect();
        let events: Vec<Due> = ids.iter().filter_map(|id| stored.remove(id)).collect();
        if let Some(last) = batch.last() {
            self.set_clock(last.due_at);
        }
        let app = &self.scratch.app;
        let read: Vec<Read> = events
            .iter()
            .map(|event| process_events::read(app, event))
            .collect();
        self.apply(&events, &read)?;
        self.checked.events = add(self.checked.events, batch.len());
        self.show_progress();
        Ok(())
    }

    /// Our refunds are decided before anything that is told of them is applied. Where that cannot be
    /// with the whole batch, it is delivery by delivery.
    fn apply(&mut self, events: &[Due], read: &[Read]) -> Result<(), Failure> {
        let all_decided = self.decide_before(read.iter().flat_map(Read::facts))?;
        if all_decided || events.len() == 1 {
            process_events::apply(&self.scratch.app, events, read)?;
            return Ok(());
        }
        for (event, read) in events.iter().zip(read) {
            self.apply(std::slice::from_ref(event), std::slice::from_ref(read))?;
        }
        Ok(())
    }

    fn answer(&mut self, answer: &StoredAnswer) -> Result<(), Failure> {
        self.set_clock(answer.absorbed_at);
        match self.take_in(answer) {
            Ok(0) => {}
            Ok(left_out) => {
                let why = format!("{left_out} of its facts are about charges that are not there");
                self.not_applied("answers", answer.id.clone(), why);
            }
            Err(error) if is_about_facts(&error) => {
                self.not_applied("answers", answer.id.clone(), with_causes(&error));
            }
            Err(error) => return Err(error),
        }
        self.checked.answers = self.checked.answers.saturating_add(1);
        self.show_progress();
        Ok(())
    }

    /// Returns how many facts had to be left out.
    fn take_in(&mut self, answer: &StoredAnswer) -> Result<usize, Failure> {
        let told = kept(answer)?;
        self.decide_before(&told)?;
        let app = &self.scratch.app;
        let (_, taken) = app
            .store
            .write(|tx| take_in(tx, app.keeping(), &answer.connection, &told))?;
        Ok(told.len().saturating_sub(taken.len()))
    }

    /// What could not be applied may be possible now that everything else is there.
    fn once_more(&mut self) -> Result<(), Failure> {
        let applied = self.checked.events;
        let mut before = None;
        loop {
            let store = &self.scratch.app.store;
            let left = store.read(|tx| tx.count_events("failed"))?;
            if left == 0 || before == Some(left) {
                self.checked.events = applied;
                return Ok(());
            }
            before = Some(left);
            replay_state(&self.scratch.app, Some("failed"))?;
            self.events_before(None)?;
        }
    }

    fn tell_what_is_left(&mut self) -> Result<(), Failure> {
        let mut before: Option<String> = None;
        loop {
            let page =
                self.scratch.app.store.read(|tx| {
                    tx.list_events(Some("failed"), None, None, before.as_deref(), PAGE)
                })?;
            let Some(last) = page.rows.last() else {
                return Ok(());
            };
            before = Some(last.id.clone());
            for event in page.rows {
                let why = event.error.unwrap_or_default();
                self.not_applied("events", event.id, why);
            }
        }
    }

    pub(super) fn not_applied(&mut self, table: &'static str, key: String, why: String) {
        self.checked.findings = self.checked.findings.saturating_add(1);
        self.watch.found(Finding::NotApplied { table, key, why });
    }

    fn set_clock(&self, micros: i64) {
        let clock = &self.scratch.app.clock;
        if let Ok(then) = Timestamp::from_micros(micros) {
            clock.set(then.max(clock.now()));
        }
    }

    fn show_progress(&mut self) {
        let progress = Progress {
            done: self.checked.events,
            total: Some(self.queued),
        };
        self.watch.progress(Part::Replaying, progress);
    }
}

/// A place in the queue: when it was processed. Of one that took several goes (parked, or replayed by a
/// person) only the last time is known, which may be years later: it stands where it came in.
fn queued(event: EventSummary) -> Event {
    let due_at = event
        .processed_at
        .filter(|_| event.attempts <= 1)
        .unwrap_or(event.received_at);
    Event {
        dedupe_key: event.id.clone(),
        id: event.id,
        connection: event.connection,
        provider_event_id: None,
        kind: None,
        state: "received".to_owned(),
        attempts: 0,
        error: None,
        conflict: None,
        received_at: event.received_at,
        processed_at: None,
        due_at,
        lane: lane::OF_ALL,
        headers: String::new(),
        body: Vec::new(),
    }
}

fn add(count: u64, more: usize) -> u64 {
    count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
}

/// Whether what was told is the reason, rather than the scratch copy.
pub(super) fn is_about_facts(error: &Failure) -> bool {
    match error {
        Failure::Store(error) => error.is_about_data(),
        Failure::Unreadable(_) | Failure::Money(_) | Failure::Posting(_) => true,
        Failure::NoKey(_)
        | Failure::UnknownConnection(_)
        | Failure::Stopped(_)
        | Failure::OtherLanes
        | Failure::Randomness(_) => false,
    }
}
