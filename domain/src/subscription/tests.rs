use super::*;
use crate::event::Version;
use crate::time::Timestamp;
use proptest::prelude::*;

/// Rows: the state before; columns: what the provider reports. `=` is no change, `x` a refusal.
const GRID: &str = "
           incomplete trialing active past_due unpaid paused canceled expired
(new)      incomplete trialing active past_due unpaid paused canceled expired
incomplete =          trialing active past_due unpaid paused canceled expired
trialing   incomplete =        active past_due unpaid paused canceled expired
active     incomplete trialing =      past_due unpaid paused canceled expired
past_due   incomplete trialing active =        unpaid paused canceled expired
unpaid     incomplete trialing active past_due =      paused canceled expired
paused     incomplete trialing active past_due unpaid =      canceled expired
canceled   x          x        x      x        x      x      =        x
expired    x          x        x      x        x      x      x        =
";

fn cell(transition: Transition) -> &'static str {
    match transition {
        Transition::To(status) => status.as_str(),
        Transition::NoChange => "=",
        Transition::Refused(_) => "x",
    }
}

#[test]
fn every_state_answers_every_event_as_the_grid_says() {
    let mut computed = vec![
        SubscriptionStatus::ALL
            .map(SubscriptionStatus::as_str)
            .to_vec(),
    ];
    for state in [None].into_iter().chain(SubscriptionStatus::ALL.map(Some)) {
        let mut row = vec![state.map_or("(new)", SubscriptionStatus::as_str)];
        for reported in SubscriptionStatus::ALL {
            row.push(cell(on(state, SubscriptionEvent::reporting(reported))));
        }
        computed.push(row);
    }
    let wanted: Vec<Vec<&str>> = GRID
        .trim_start_matches('\n')
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(computed, wanted);
}

#[test]
fn a_refusal_names_the_state_that_nothing_leaves() {
    let becomes_active = SubscriptionEvent::BecameActive;
    assert_eq!(
        on(Some(SubscriptionStatus::Canceled), becomes_active),
        Transition::Refused(Refused::AlreadyCanceled)
    );
    assert_eq!(
        on(Some(SubscriptionStatus::Expired), becomes_active),
        Transition::Refused(Refused::AlreadyExpired)
    );
}

#[test]
fn statuses_are_read_back_from_the_words_they_print() {
    for status in SubscriptionStatus::ALL {
        assert_eq!(SubscriptionStatus::parse(status.as_str()), Some(status));
    }
    assert_eq!(SubscriptionStatus::parse("cancelled"), None);
    assert_eq!(SubscriptionStatus::parse("Active"), None);
}

#[test]
fn no_two_states_of_one_second_are_of_the_same_rank_and_final_ones_lead() {
    let mut ranks: Vec<(i64, bool)> = SubscriptionStatus::ALL
        .map(|s| (s.rank(), s.is_terminal()))
        .to_vec();
    ranks.sort_unstable();
    assert!(ranks.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(ranks.windows(2).all(|pair| pair[0].1 <= pair[1].1));
}

fn snapshot() -> impl Strategy<Value = (SubscriptionStatus, Version)> {
    // Few seconds and few event ids, so that ties of every depth do occur.
    (0usize..8, 0i64..3, "[ab]").prop_map(|(which, second, tie)| {
        let status = SubscriptionStatus::ALL[which];
        let version = Version {
            terminal: status.is_terminal(),
            observed_at: Timestamp::from_unix_seconds(second).unwrap(),
            rank: status.rank(),
            tie,
        };
        (status, version)
    })
}

/// Applies snapshots in order of arrival: an older one is passed over, a newer one is put to `on`.
fn merge(arrivals: &[(SubscriptionStatus, Version)]) -> Option<SubscriptionStatus> {
    let mut kept: Option<&(SubscriptionStatus, Version)> = None;
    for arrival in arrivals {
        if kept.is_none_or(|(_, version)| *version < arrival.1) {
            kept = Some(arrival);
        }
    }
    kept.map(|(status, _)| *status)
}

proptest! {
    #[test]
    fn merging_ends_in_one_state_whatever_the_order_of_arrival(
        (arrivals, shuffled) in proptest::collection::vec(snapshot(), 1..7)
            .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle()))
    ) {
        let merged = merge(&arrivals);
        prop_assert_eq!(merged, merge(&shuffled));
        let over = arrivals.iter().any(|(status, _)| status.is_terminal());
        prop_assert_eq!(merged.is_some_and(SubscriptionStatus::is_terminal), over);
    }

    #[test]
    fn the_machine_accepts_whatever_is_newest_until_the_subscription_is_over(
        arrivals in proptest::collection::vec(snapshot(), 1..7)
    ) {
        let mut sorted = arrivals;
        sorted.sort_by(|a, b| a.1.cmp(&b.1));
        let first_over = sorted.iter().map(|(s, _)| *s).find(|s| s.is_terminal());
        let newest = sorted.last().map(|(s, _)| *s);
        let mut state = None;
        for (status, _) in sorted {
            match on(state, SubscriptionEvent::reporting(status)) {
                Transition::To(next) => state = Some(next),
                Transition::NoChange | Transition::Refused(_) => {}
            }
        }
        prop_assert_eq!(state, first_over.or(newest));
    }
}
