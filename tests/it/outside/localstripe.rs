//! A second provider that we did not write: localstripe, a program of its own, asked over HTTP.
//!
//! It knows the classic shape alone, ignores idempotency keys, sends no webhook of a refund, and would
//! pay more back than was taken: whatever ends well here does so by what our side asks for.

use super::python;
use crate::serving::{Database, Served, on_both_served, settings_for};
use crate::wire;
use crate::world::{API_KEY, WEBHOOK_SECRET};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Stdio};
use std::thread::JoinHandle;

on_both_served! {
    a_subscription_of_localstripe_is_cancelled_and_refunded_once,
}

/// One that runs until it is dropped.
struct LocalStripe {
    address: String,
    process: Child,
    /// It ends when this does.
    stdin: Option<ChildStdin>,
    /// Reads what it prints, so that it never waits for a reader.
    reader: Option<JoinHandle<()>>,
    /// Keeps what it writes to disk until the test ends.
    _folder: tempfile::TempDir,
}

impl LocalStripe {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = python("alone.py")
            .args(["localstripe", "--port", "0", "--from-scratch"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        // Such as `======== Running on http://[::ffff:7f00:1]:38197 ========`.
        let url = line.split(' ').find(|word| word.starts_with("http://"));
        let port = url.and_then(|url| url.rsplit(':').next());
        let port = port.unwrap_or_else(|| panic!("localstripe does not start: {line:?}"));
        Self {
            address: format!("127.0.0.1:{port}"),
            stdin: process.stdin.take(),
            process,
            reader: Some(std::thread::spawn(move || {
                output.read_to_end(&mut Vec::new()).unwrap();
            })),
            _folder: folder,
        }
    }

    #[track_caller]
    fn ask(&self, method: &str, target: &str, body: &str) -> Value {
        let bearer = format!("Bearer {API_KEY}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let request = wire::request(method, target, &headers, body.as_bytes());
        let reply = wire::exchange(&self.address, &request).unwrap();
        assert_eq!(reply.status, 200, "{method} {target}: {}", reply.text());
        if reply.body.is_empty() {
            return Value::Null;
        }
        reply.json()
    }

    /// Makes an object and returns its id.
    #[track_caller]
    fn create(&self, collection: &str, body: &str) -> String {
        let made = self.ask("POST", &format!("/v1/{collection}"), body);
        made["id"].as_str().unwrap().to_owned()
    }

    fn read(&self, target: &str) -> Value {
        self.ask("GET", target, "")
    }

    /// Delivers what happens from now on to a served program, signed.
    fn deliver_to(&self, served: &Served) {
        let endpoint = format!(
            "url=http://{}/webhooks/stripe&secret={WEBHOOK_SECRET}",
            served.address
        );
        self.ask("POST", "/_config/webhooks/avstem", &endpoint);
    }

    /// A customer with a card and a monthly subscription for 249.00 SEK, paid. Its id.
    fn subscribe(&self) -> String {
        let card = self.create(
            "tokens",
            "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123",
        );
        let customer = self.create(
            "customers",
            &format!("email=canary-pii-3@example.test&name=Canary+Local&source={card}"),
        );
        let plan = self.create(
            "plans",
            "amount=24900&currency=sek&interval=month&product[name]=Bas",
        );
        self.create(
            "subscriptions",
            &format!("customer={customer}&items[0][plan]={plan}"),
        )
    }
}

impl Drop for LocalStripe {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.process.wait().unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

fn a_subscription_of_localstripe_is_cancelled_and_refunded_once(database: &Database) {
    let provider = LocalStripe::start();
    let base = format!("http://{}", provider.address);
    let served = Served::start(database, &settings_for(&base));
    provider.deliver_to(&served);
    let subscription = provider.subscribe();

    let target = format!("/v1/subscriptions/{subscription}");
    let list = served.until("/v1/subscriptions", |list| {
        list["data"][0]["status"] == "active"
    });
    assert_eq!(list["data"][0]["provider_id"], subscription.as_str());
    let read = served.read(&target);
    assert_eq!(
        read["price"],
        json!({"amount": "249.00", "currency": "SEK"}),
        "{read:#}"
    );

    let request = json!({"requested_by": "customer"});
    let requested = served.post(&format!("{target}/cancellation"), &request);
    let id = requested.expect(202)["id"].as_str().unwrap().to_owned();
    let cancellation = served.until(&format!("/v1/cancellations/{id}"), |cancellation| {
        cancellation["state"] == "completed"
    });
    assert_eq!(cancellation["stop"]["mode"], "immediate");
    assert_eq!(cancellation["verdicts"][0]["code"], "latest_charge");
    let again = served.post(&format!("{target}/cancellation"), &request);
    assert_eq!(again.expect(200)["id"], id.as_str());

    // There, too: stopped, and all of it back, once.
    let there = provider.read(&format!("/v1/subscriptions/{subscription}"));
    assert_eq!(there["status"], "canceled");
    let refunds = provider.read("/v1/refunds");
    let refunds = refunds["data"].as_array().unwrap();
    assert_eq!(refunds.len(), 1, "{refunds:#?}");
    assert_eq!(
        (&refunds[0]["amount"], &refunds[0]["charge"]),
        (
            &json!(24_900),
            &cancellation["verdicts"][0]["charge_provider_id"]
        )
    );
    let ours = &cancellation["refunds"][0];
    assert_eq!(ours["provider_id"], refunds[0]["id"], "{cancellation:#}");
    assert_eq!(ours["state"], "succeeded");

    // The news of the end comes by webhook as well, and nothing waits for a person.
    served.until(&target, |subscription| subscription["status"] == "canceled");
    served.quiet();
    assert_eq!(served.read("/v1/events?state=failed")["data"], json!([]));
    let balance = served.read("/v1/ledger/trial-balance");
    let accounts = &balance["currencies"]["SEK"]["accounts"];
    assert_eq!(accounts["assets:provider:stripe"], "0.00", "{balance:#}");
    assert_eq!(accounts["liabilities:refunds_payable"], "0.00");
    let audit = database.run(&["verify"]);
    assert_eq!(audit.code, Some(0), "{audit:?}");
}
