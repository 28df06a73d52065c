//! What one webhook costs before any database: to verify it, and to read what it says, in both shapes of
//! Stripe's API, beside the least that anybody could do: the same HMAC, and JSON parsed to nothing.

use crate::deliveries::{SECRET, deliveries, today};
use crate::measure::{Table, each, grouped, per_second, share, times};
use avstem_domain::time::Timestamp;
use avstem_simulator::Shape;
use avstem_webhooks::{RawWebhook, providers};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use sha2::Sha256;
use std::hint::black_box;
use std::path::Path;

/// Events of one round; a corpus is gone through as often as that takes.
const EVENTS: usize = 20_000;

/// The secret of the adapter's fixtures.
const FIXTURES_SECRET: &str = "whsec_test_fixtures_4mQ";

/// A delivery, and a time at which its signature holds.
struct Input {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    now: Timestamp,
}

struct Corpus {
    name: &'static str,
    inputs: Vec<Input>,
    secret: SecretString,
}

pub fn run() {
    let corpora = [
        company("classic, a company's", Shape::Classic),
        company("newer, a company's", Shape::Newer),
        fixtures("classic, one of each type", |file| {
            file.ends_with(".classic.http")
        }),
        fixtures("newer, one of each type", |file| {
            file.ends_with(".http") && !file.ends_with(".classic.http")
        }),
    ];
    let mut table = Table::new(
        "Verification and decoding, one thread",
        &["what", "bytes", "ns each", "events/s", "of the least"],
    );
    for corpus in &corpora {
        corpus.measure(&mut table);
    }
    table.print();
}

/// What a hundred subscribers cause in three months.
fn company(name: &'static str, shape: Shape) -> Corpus {
    let now = today();
    let inputs = deliveries(shape, 100, 3, now)
        .into_iter()
        .map(|delivery| Input {
            headers: delivery.headers,
            body: delivery.body,
            now,
        });
    Corpus {
        name,
        inputs: inputs.collect(),
        secret: SecretString::from(SECRET),
    }
}

/// The adapter's fixtures, each at the time of its signature.
fn fixtures(name: &'static str, wanted: impl Fn(&str) -> bool) -> Corpus {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("webhooks/fixtures/stripe");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| wanted(&path.display().to_string()))
        .collect();
    files.sort();
    let inputs = files.into_iter().map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap();
        let fields = head.lines().map(|line| line.split_once(": ").unwrap());
        let headers: Vec<(String, String)> = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let seconds = signed_part(&headers).parse().unwrap();
        Input {
            headers,
            body: body.as_bytes().to_vec(),
            now: Timestamp::from_unix_seconds(seconds).unwrap(),
        }
    });
    Corpus {
        name,
        inputs: inputs.collect(),
        secret: SecretString::from(FIXTURES_SECRET),
    }
}

/// The time in the signature, which is signed with the body.
fn signed_part(headers: &[(String, String)]) -> &str {
    let mut found = headers
        .iter()
        .filter(|(name, _)| name == "stripe-signature");
    let (_, signature) = found.next().unwrap();
    let (time, _) = signature.split_once(',').unwrap();
    time.strip_prefix("t=").unwrap()
}

impl Corpus {
    fn measure(&self, table: &mut Table) {
        let stripe = providers::by_name("stripe").unwrap();
        let secrets = [self.secret.clone()];
        let verify = |input: &Input| {
            let raw = RawWebhook {
                headers: &input.headers,
                body: &input.body,
            };
            black_box(stripe.verify(raw, &secrets, input.now)).unwrap();
        };
        let envelope = |input: &Input| drop(black_box(stripe.envelope(&input.body)));
        let decode = |input: &Input| drop(black_box(stripe.decode(&input.body)).unwrap());
        let least = |input: &Input| {
            black_box(self.hmac(input));
            black_box(serde_json::from_slice::<IgnoredAny>(&input.body)).unwrap();
        };
        let names = [
            "HMAC, JSON parsed to nothing",
            "verify",
            "verify, envelope (before the 200)",
            "decode (after it)",
            "verify, decode",
        ];
        let works: [Box<dyn Fn() + '_>; 5] = [
            Box::new(|| self.each(least)),
            Box::new(|| self.each(verify)),
            Box::new(|| {
                self.each(|input| {
                    verify(input);
                    envelope(input);
                });
            }),
            Box::new(|| self.each(decode)),
            Box::new(|| {
                self.each(|input| {
                    verify(input);
                    decode(input);
                });
            }),
        ];
        let took = times(&works);
        for (name, one) in names.iter().zip(&took) {
            table.row(&[
                &format!("{}: {name}", self.name),
                &grouped(self.bytes()),
                &grouped(each(EVENTS, *one)),
                &grouped(per_second(EVENTS, *one)),
                &share(per_second(EVENTS, *one), per_second(EVENTS, took[0])),
            ]);
        }
    }

    /// Does so much work for [`EVENTS`] events.
    fn each(&self, work: impl Fn(&Input)) {
        self.inputs.iter().cycle().take(EVENTS).for_each(work);
    }

    /// Of a body, on average.
    fn bytes(&self) -> u128 {
        let all: usize = self.inputs.iter().map(|input| input.body.len()).sum();
        u128::try_from(all / self.inputs.len()).unwrap()
    }

    fn hmac(&self, input: &Input) -> [u8; 32] {
        let secret = self.secret.expose_secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed_part(&input.headers).as_bytes());
        mac.update(b".");
        mac.update(&input.body);
        mac.finalize().into_bytes().into()
    }
}
