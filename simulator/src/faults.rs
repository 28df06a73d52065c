//! A plan of what goes wrong, and of what happens at the worst moment.

use avstem_webhooks::outbound::{HttpRequest, Method};

use crate::actions::Action;
use crate::params::split_target;

/// Which call a fault or an action waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallMatch {
    method: Method,
    path: Vec<String>,
    occurrence: Occurrence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurrence {
    /// The n-th matching call from now on, counting from 1; only that one.
    Nth(u32),
    Every,
}

impl CallMatch {
    /// The next call. In `path` a `*` stands for any one segment, as in `/v1/subscriptions/*`.
    #[must_use]
    pub fn next(method: Method, path: &str) -> Self {
        Self::nth(1, method, path)
    }

    /// The n-th call from when the fault is planned, counting from 1.
    #[must_use]
    pub fn nth(n: u32, method: Method, path: &str) -> Self {
        Self::new(method, path, Occurrence::Nth(n.max(1)))
    }

    /// Every call until [`Faults::clear`].
    #[must_use]
    pub fn every(method: Method, path: &str) -> Self {
        Self::new(method, path, Occurrence::Every)
    }

    fn new(method: Method, path: &str, occurrence: Occurrence) -> Self {
        Self {
            method,
            path: path.split('/').map(str::to_owned).collect(),
            occurrence,
        }
    }

    fn fits(&self, request: &HttpRequest) -> bool {
        let (path, _) = split_target(&request.target);
        let segments: Vec<&str> = path.split('/').collect();
        self.method == request.method
            && self.path.len() == segments.len()
            && self
                .path
                .iter()
                .zip(segments)
                .all(|(want, got)| want == "*" || want == got)
    }
}

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Done, and the answer kept under the key, but the caller never hears of it.
    LoseAnswerAfterEffect,
    /// Not done, and no answer.
    LoseBeforeEffect,
    /// Done and the true answer kept under the key, but this time the answer is 500.
    ServerErrorAfterEffect,
    /// Not done; the status as given, such as 500 or 503; nothing kept under the key.
    ServerErrorBeforeEffect { status: u16 },
    /// Not done; a 500 that is kept under the key and replayed.
    StoredError,
    /// Done; a 500 that is kept under the key and replayed.
    StoredErrorAfterEffect,
    /// Not done; 429, with `retry-after` when seconds are given.
    RateLimit { retry_after_s: Option<u64> },
    /// Not done; 429 with this text as `retry-after`, such as `soon` or `-1`.
    RateLimitSaying { retry_after: &'static str },
    /// Not done; 429 `lock_timeout`: another request holds the object.
    LockConflict,
    /// Not done; 409: a request with the same key is still running.
    KeyInUse,
    /// Not done; 401.
    WrongKey,
    /// Not done; something in between answers 200 with a web page.
    Html,
    /// Done; the answer's second half is missing.
    CutBody,
    /// Done; the answer speaks of another charge (of another object, when it names no charge).
    AnotherChargesAnswer,
    /// Not done; 302 to another host.
    Redirect,
    /// Done; the answer has so many bytes. See [`crate::Exchange::Huge`].
    Huge { bytes: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// Every call is lost before its effect and no webhook is delivered.
    Down,
    Up,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    AsMade,
    /// Shuffled among each `window` deliveries that are due together.
    Shuffled {
        window: usize,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct DeliveryFaults {
    pub duplicates: u32,
    pub duplicate_percent: u8,
    pub drop_percent: u8,
    pub order: Order,
}

#[derive(Debug, Clone)]
enum Planned {
    Fault(Fault),
    Before(Action),
    After(Action),
}

#[derive(Debug, Clone)]
struct Plan {
    call: CallMatch,
    met: u32,
    planned: Planned,
}

/// What a call meets.
#[derive(Debug, Default)]
pub(crate) struct Met {
    pub before: Vec<Action>,
    pub after: Vec<Action>,
    pub fault: Option<Fault>,
}

/// The faults of one simulator: none at first.
#[derive(Debug, Clone)]
pub struct Faults {
    plans: Vec<Plan>,
    outage: Outage,
    list_lag_s: i64,
    delivery: DeliveryFaults,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            plans: Vec::new(),
            outage: Outage::Up,
            list_lag_s: 0,
            delivery: DeliveryFaults {
                duplicates: 0,
                duplicate_percent: 0,
                drop_percent: 0,
                order: Order::AsMade,
            },
        }
    }
}

impl Faults {
    /// Plans a fault. When several fit one call, the first planned happens; the others count the call.
    pub fn on(&mut self, call: CallMatch, fault: Fault) -> &mut Self {
        self.plan(call, Planned::Fault(fault))
    }

    /// Plans an action right before a call is handled; all that fit happen, in the order planned.
    pub fn before(&mut self, call: CallMatch, action: Action) -> &mut Self {
        self.plan(call, Planned::Before(action))
    }

    /// Plans an action right after a call was handled, before its answer reaches the caller; also when
    /// it never does.
    pub fn after(&mut self, call: CallMatch, action: Action) -> &mut Self {
        self.plan(call, Planned::After(action))
    }

    /// Each event from now on is delivered `n` more times.
    pub fn duplicate_deliveries(&mut self, n: u32) -> &mut Self {
        self.delivery.duplicates = n;
        self
    }

    /// So many events in a hundred are delivered once more.
    pub fn duplicate_percent(&mut self, percent: u8) -> &mut Self {
        self.delivery.duplicate_percent = percent;
        self
    }

    /// So many events in a hundred are never delivered; the API still lists them.
    pub fn drop_deliveries(&mut self, percent: u8) -> &mut Self {
        self.delivery.drop_percent = percent;
        self
    }

    /// Deliveries that are due together come in any order.
    pub fn shuffle_deliveries(&mut self) -> &mut Self {
        self.shuffle_deliveries_within(usize::MAX)
    }

    /// Deliveries that are due together are shuffled in groups of `window`.
    pub fn shuffle_deliveries_within(&mut self, window: usize) -> &mut Self {
        self.delivery.order = Order::Shuffled { window };
        self
    }

    pub fn outage(&mut self, outage: Outage) -> &mut Self {
        self.outage = outage;
        self
    }

    /// What is made is missing from every list for so many seconds; by its id it is found at once.
    pub fn lists_lag(&mut self, seconds: i64) -> &mut Self {
        self.list_lag_s = seconds;
        self
    }

    /// Forgets every plan; from now on nothing goes wrong. Deliveries already made stay as they are.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn plan(&mut self, call: CallMatch, planned: Planned) -> &mut Self {
        self.plans.push(Plan {
            call,
            met: 0,
            planned,
        });
        self
    }

    pub(crate) fn is_down(&self) -> bool {
        self.outage == Outage::Down
    }

    pub(crate) fn list_lag_s(&self) -> i64 {
        self.list_lag_s
    }

    pub(crate) fn delivery_faults(&self) -> DeliveryFaults {
        self.delivery
    }

    /// Counts the call against every plan it fits and tells what happens to it.
    pub(crate) fn meet(&mut self, request: &HttpRequest) -> Met {
        let mut met = Met::default();
        for plan in self.plans.iter_mut().filter(|plan| plan.call.fits(request)) {
            plan.met = plan.met.saturating_add(1);
            let now = match plan.call.occurrence {
                Occurrence::Nth(n) => plan.met == n,
                Occurrence::Every => true,
            };
            match &plan.planned {
                Planned::Before(action) if now => met.before.push(action.clone()),
                Planned::After(action) if now => met.after.push(action.clone()),
                Planned::Fault(fault) if now => {
                    met.fault.get_or_insert(*fault);
                }
                Planned::Before(_) | Planned::After(_) | Planned::Fault(_) => {}
            }
        }
        self.plans.retain(|plan| match plan.call.occurrence {
            Occurrence::Nth(n) => plan.met < n,
            Occurrence::Every => true,
        });
        met
    }
}
