//! The real program as a process of its own, over a real database, with the simulated provider on
//! another port. Everything is asked over the wire.

use crate::cluster;
use crate::described;
use crate::story::hmac_hex;
use crate::wire::{self, Reply};
use crate::world::{API_KEY, WEBHOOK_SECRET};
use avstem::clock::Clock;
use avstem::demo::ProviderServer;
use avstem::gateway::Https;
use avstem_domain::time::Timestamp;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

pub const ADMIN_KEY: &str = "avkey_CANARY_admin_key_of_the_tests";

/// How long something in the background may take, in looks, and how long a look waits.
const LOOKS_MAX: u32 = 1_200;
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Runs each test on SQLite and on PostgreSQL. A test is a function over a database without tables.
macro_rules! on_both_served {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&crate::serving::Database::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test(&crate::serving::Database::postgres()); })*
        }
    };
}
pub(crate) use on_both_served;

/// A database of its own, and the folder that the program runs in.
pub struct Database {
    pub url: String,
    pub folder: tempfile::TempDir,
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("avstem.db").display());
        Self { url, folder }
    }

    pub fn postgres() -> Self {
        Self {
            url: cluster::shared().database(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs statements beside the program.
    pub fn execute(&self, sql: &str) {
        match self.url.strip_prefix("sqlite://") {
            None => drop(cluster::shared().run_sql(&self.url, sql).unwrap()),
            Some(path) => {
                let mut connection = SqliteConnection::establish(path).unwrap();
                connection
                    .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF")
                    .unwrap();
                connection.batch_execute(sql).unwrap();
            }
        }
    }

    /// Takes a trigger away, so that a table takes every change.
    pub fn unprotect(&self, table: &str, triggers: &[&str]) {
        if self.url.starts_with("postgres") {
            return self.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL"));
        }
        for trigger in triggers {
            self.execute(&format!("DROP TRIGGER IF EXISTS {trigger}"));
        }
    }

    /// The program with these arguments, over this database, with no other environment than ours.
    pub fn program(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_avstem"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.folder.path())
            .env("AVSTEM_DATABASE_URL", &self.url)
            .env("AVSTEM_BIND", "127.0.0.1:0")
            .env("AVSTEM_ADMIN_KEY", ADMIN_KEY)
            .env(
                "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS",
                WEBHOOK_SECRET,
            )
            .envs(settings.iter().copied())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.program(arguments, &[]).output().unwrap())
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// `avstem serve`, killed when it is dropped.
pub struct Served {
    pub address: String,
    process: Child,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Served {
    /// Without a key for the provider's API: it tracks.
    pub fn tracking(database: &Database) -> Self {
        Self::start(database, &[])
    }

    /// With a provider that can be asked.
    pub fn beside(database: &Database, provider: &ProviderServer) -> Self {
        Self::start(database, &settings_for(&provider.base()))
    }

    pub fn start(database: &Database, settings: &[(&str, &str)]) -> Self {
        let mut command = database.program(&["serve"], settings);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (told, address) = std::sync::mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(process.stdout.take().unwrap()),
            Box::new(process.stderr.take().unwrap()),
        ];
        let readers = outputs.map(|output| {
            let (log, told) = (Arc::clone(&log), told.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines() {
                    let line = line.unwrap();
                    if let Some((_, rest)) = line.split_once("listens on http://") {
                        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
                        told.send(rest[..end.unwrap_or(rest.len())].to_owned())
                            .unwrap();
                    }
                    log.lock().unwrap().push_str(&format!("{line}\n"));
                }
            })
        });
        drop(told);
        let address = address.recv_timeout(Duration::from_secs(30));
        let address =
            address.unwrap_or_else(|_| panic!("it does not start: {}", log.lock().unwrap()));
        Self {
            address,
            process,
            log,
            readers: readers.into(),
        }
    }

    /// As `kill -9`; returns all that it ever wrote to stdout and stderr.
    pub fn kill(mut self) -> String {
        self.stop();
        std::mem::take(&mut self.log.lock().unwrap())
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
    }

    /// Sends a request just so. Whatever comes back is as it is described.
    #[track_caller]
    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let request = wire::request(method, target, headers, body);
        let reply = wire::exchange(&self.address, &request).unwrap();
        described::check(method, target, &reply);
        reply
    }

    pub fn get_as(&self, key: &str, target: &str) -> Reply {
        self.send(
            "GET",
            target,
            &[("authorization", &format!("Bearer {key}"))],
            b"",
        )
    }

    pub fn post_as(&self, key: &str, target: &str, body: &str) -> Reply {
        self.post_with(key, target, &[], body)
    }

    pub fn post_with(
        &self,
        key: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let bearer = format!("Bearer {key}");
        let mut all = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        all.extend(headers);
        self.send("POST", target, &all, body.as_bytes())
    }

    pub fn get(&self, target: &str) -> Reply {
        self.get_as(ADMIN_KEY, target)
    }

    pub fn post(&self, target: &str, body: &Value) -> Reply {
        self.post_as(ADMIN_KEY, target, &body.to_string())
    }

    /// The object of a 200.
    pub fn read(&self, target: &str) -> Value {
        self.get(target).expect(200)
    }

    /// Asks until `done`, and returns that answer.
    pub fn until(&self, target: &str, done: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..LOOKS_MAX {
            last = self.read(target);
            if done(&last) {
                return last;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("{target} stays {last:#}");
    }

    /// Waits until every event that came in was worked on.
    pub fn quiet(&self) {
        for state in ["received", "parked"] {
            let target = format!("/v1/events?state={state}&limit=1");
            self.until(&target, |list| list["data"].as_array().unwrap().is_empty());
        }
    }

    /// Delivers a body, signed now.
    pub fn webhook(&self, body: &[u8]) -> Reply {
        self.send(
            "POST",
            "/webhooks/stripe",
            &[("stripe-signature", &signature(0, body))],
            body,
        )
    }

    /// Lets the provider deliver what happens there from now on, and waits for all that happened.
    pub fn listen_to(&self, provider: &mut ProviderServer) {
        provider.deliver_to(
            Https::new().unwrap(),
            format!("http://{}", self.address),
            "/webhooks/stripe".to_owned(),
        );
        self.caught_up(provider);
    }

    pub fn caught_up(&self, provider: &ProviderServer) {
        for _ in 0..LOOKS_MAX {
            if provider.simulator().pending_deliveries() == 0 {
                return self.quiet();
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("the provider still has webhooks to deliver");
    }

    /// The secret of a new API key.
    pub fn key(&self, database: &Database, role: &str) -> String {
        let made = database.run(&["keys", "create", "--role", role, "--name", role]);
        assert_eq!(made.code, Some(0), "{made:?}");
        made.stdout.trim_end().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !self.readers.is_empty() {
            self.stop();
        }
    }
}

/// The settings that let the program ask a provider.
pub fn settings_for(base: &str) -> [(&'static str, &str); 2] {
    [
        ("AVSTEM_CONNECTIONS__STRIPE__API_KEY", API_KEY),
        ("AVSTEM_CONNECTIONS__STRIPE__API_BASE", base),
    ]
}

/// The header of a delivery that was signed `age_s` seconds ago.
pub fn signature(age_s: i64, body: &[u8]) -> String {
    let time = now().unix_seconds() - age_s;
    format!(
        "t={time},v1={}",
        hmac_hex(
            WEBHOOK_SECRET,
            &[format!("{time}.").as_bytes(), body].concat()
        )
    )
}

pub fn now() -> Timestamp {
    Clock::system().now()
}
