//! More deliveries than can be stored: so many are taken on and no more, the others are told to come again, and
//! everybody else is served as ever. Nobody writes until the test lets them, so that nothing depends on time.

use crate::serving::ADMIN_KEY;
use crate::story::hmac_hex;
use crate::wire::{self, Reply};
use crate::world::{WEBHOOK_SECRET, World};
use actix_web::dev::ServerHandle;
use avstem::app::App;
use avstem::app::group_commit::{BYTES_UNDER_WAY_MAX, GroupCommit, Overloaded, UNDER_WAY_MAX};
use avstem::app::receive_webhook::{Intake, admit};
use avstem::app::seams::Seams;
use avstem::store::{ReadTx, StoreError};
use avstem::{http, jobs};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

on_both_databases! {
    what_is_taken_on_is_stored_and_the_rest_is_told_to_come_again,
    long_deliveries_are_counted_by_their_bytes,
}

fn body(event: &str) -> Vec<u8> {
    format!(
        "{{\"id\":\"{event}\",\"object\":\"event\",\"type\":\"tax.rate.dreamt\",\"created\":1700000000,\"livemode\":false,\"data\":{{\"object\":{{}}}}}}"
    )
    .into_bytes()
}

fn signature(app: &App, body: &[u8]) -> String {
    let time = app.clock.now().unix_seconds();
    let signed = [format!("{time}.").as_bytes(), body].concat();
    format!("t={time},v1={}", hmac_hex(WEBHOOK_SECRET, &signed))
}

fn stored(app: &App) -> usize {
    let count = |tx: &mut ReadTx<'_>| tx.count_events("received");
    usize::try_from(app.store.read::<_, StoreError>(count).unwrap()).unwrap()
}

/// The service's HTTP in this process, over an intake of the test's. Its jobs have nothing to do.
struct Server {
    address: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    jobs: Option<jobs::Jobs>,
}

impl Server {
    fn over(app: &Arc<App>, intake: GroupCommit) -> Self {
        let jobs = jobs::start(&World::sqlite().app);
        let state = http::State::new(Arc::clone(app), intake, jobs.health());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (told, handle) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = http::server(actix_web::web::Data::new(state), listener).unwrap();
                told.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            address,
            handle: handle.recv().unwrap(),
            thread: Some(thread),
            jobs: Some(jobs),
        }
    }

    fn deliver(&self, app: &App, body: &[u8]) -> Reply {
        let signature = signature(app, body);
        let headers = [("stripe-signature", signature.as_str())];
        let request = wire::request("POST", "/webhooks/stripe", &headers, body);
        wire::exchange(&self.address, &request).unwrap()
    }

    fn read(&self, target: &str) -> Reply {
        let bearer = format!("Bearer {ADMIN_KEY}");
        let request = wire::request("GET", target, &[("authorization", &bearer)], b"");
        wire::exchange(&self.address, &request).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        if let Some(jobs) = self.jobs.take() {
            jobs.stop();
        }
    }
}

fn what_is_taken_on_is_stored_and_the_rest_is_told_to_come_again(world: &mut World) {
    let app = world.another_process_with(Seams::default(), &format!("admin_key = \"{ADMIN_KEY}\""));
    let (intake, writers) = GroupCommit::prepare(Arc::clone(&app));
    let taken_on: Vec<_> = (0..UNDER_WAY_MAX)
        .map(|number| {
            let body = body(&format!("evt_{number}"));
            let headers = [("stripe-signature".to_owned(), signature(&app, &body))];
            let place = intake.place(body.len()).unwrap();
            intake.enqueue(place, admit(&app, "stripe", &headers, body).unwrap())
        })
        .collect();

    let server = Server::over(&app, intake);
    for event in ["evt_one_more", "evt_and_another"] {
        let refused = server.deliver(&app, &body(event));
        assert_eq!(refused.problem(503), "overloaded");
        assert_eq!(refused.header("retry-after"), Some("5"));
    }
    // Whoever only asks is answered.
    let list = server.read("/v1/events?limit=10").expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 0);
    assert_eq!(stored(&app), 0);

    writers.start();
    for answer in taken_on {
        assert_eq!(answer.blocking_recv(), Ok(Ok(Intake::New)));
    }
    assert_eq!(
        stored(&app),
        UNDER_WAY_MAX,
        "none of those that were refused"
    );
    let again = server.deliver(&app, &body("evt_one_more")).expect(200);
    assert_eq!(again["duplicate"], false);
    assert_eq!(stored(&app), UNDER_WAY_MAX + 1);
}

fn long_deliveries_are_counted_by_their_bytes(world: &mut World) {
    let (intake, _nobody_writes) = GroupCommit::prepare(Arc::clone(&world.app));
    let mebibyte = 1 << 20;
    let mut places: Vec<_> = (0..BYTES_UNDER_WAY_MAX / mebibyte)
        .map(|_| intake.place(mebibyte).unwrap())
        .collect();
    assert!(places.len() < UNDER_WAY_MAX);
    assert_eq!(intake.place(1).err(), Some(Overloaded));
    drop(places.pop());
    places.push(intake.place(mebibyte).unwrap());
    assert_eq!(intake.place(1).err(), Some(Overloaded));
}
