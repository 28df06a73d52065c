//! The main job with nothing to configure: a throw-away database, a simulated provider over real HTTP,
//! a company with some months behind it, and a story in which every claim is checked.

mod bank;
mod cast;
mod client;
mod compared;
mod kiosk;
mod month;
mod month_end;
mod narrator;
mod provider;
mod questions;
mod rebuilt;
mod story;
mod trouble;

pub use provider::ProviderServer;

use crate::app::App;
use crate::app::measure::Meters;
use crate::app::seams::Seams;
use crate::app::signals::Signals;
use crate::clock::Clock;
use crate::config::{Config, temporary_folder};
use crate::gateway::{Gateway, Https};
use crate::server;
use crate::store::Store;
use avstem_domain::refund_policy::Policy;
use avstem_simulator::{Settings, Shape, Simulator};
use cast::Cast;
use client::Client;
use kiosk::Kiosk;
use narrator::Narrator;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The same seed plays in the same world.
    pub seed: u64,
    pub mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Fills the company with life and serves it until stopped.
    Serve,
    /// Plays the whole story once and ends.
    ExitAfterCheck,
}

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo could not start ({what})")]
    Setup {
        what: &'static str,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the demo's own API did not answer as it should: {0}")]
    Api(String),
    #[error("{0} of the story's claims did not hold; they are marked ✗ above")]
    ClaimsFailed(usize),
}

fn setup<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    what: &'static str,
) -> impl FnOnce(E) -> DemoError {
    move |error| DemoError::Setup {
        what,
        source: error.into(),
    }
}

const API_KEY: &str = "sk_test_demo";
const PREFERRED_ADDRESS: &str = "127.0.0.1:8080";

/// Plays. In [`Mode::Serve`] it returns when the service is stopped.
pub fn run(options: Options) -> Result<(), DemoError> {
    let stage = Stage::set(options)?;
    let mut narrator = Narrator::new();
    story::introduction(&stage, &mut narrator)?;
    if options.mode == Mode::ExitAfterCheck {
        story::the_whole(&stage, &mut narrator)?;
        return match narrator.failed() {
            0 => Ok(()),
            failed => Err(DemoError::ClaimsFailed(failed)),
        };
    }
    month::goes_wrong(&stage, &mut narrator)?;
    story::invitation(&stage, &mut narrator)?;
    stage.serve_until_stopped()
}

/// The set: provider, service, database, people.
struct Stage {
    app: Arc<App>,
    provider: ProviderServer,
    client: Client,
    cast: Cast,
    kiosk: Kiosk,
    admin_key: String,
    server: std::thread::JoinHandle<std::io::Result<()>>,
    _folder: Folder,
}

/// A folder that is gone when the demo is.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind, it is a few files in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Stage {
    fn set(options: Options) -> Result<Self, DemoError> {
        let clock = Clock::system();
        let now = clock.now();
        let folder = temporary_folder().join(format!("avstem-demo-{}", clock.uuid().simple()));
        std::fs::create_dir_all(&folder).map_err(setup("a temporary folder"))?;
        let folder = Folder(folder);
        let webhook_secret = format!("whsec_{}", clock.secret().map_err(setup("a secret"))?);
        let kiosk_secret = format!("whsec_{}", clock.secret().map_err(setup("a secret"))?);
        let kiosk = Kiosk::live(now, options.seed, kiosk_secret.clone());
        let settings = Settings {
            seed: options.seed,
            webhook_secret: webhook_secret.clone(),
            api_key: API_KEY.to_owned(),
            shape: Shape::Mixed,
            currency: "sek",
        };
        let mut simulator = Simulator::new(settings, cast::curtain(now));
        let cast = Cast::live_through_the_past(&mut simulator, now, options.seed);
        let ticking = clock.clone();
        let mut provider = ProviderServer::start(simulator, move || ticking.now())
            .map_err(setup("the simulated provider"))?;
        let listener = listen(options.mode).map_err(setup("a port to listen on"))?;
        let address = listener
            .local_addr()
            .map_err(setup("a port to listen on"))?;
        let base = format!("http://{address}");
        let admin_key = format!("avkey_demo_{}", clock.secret().map_err(setup("a secret"))?);
        let database = format!("sqlite://{}", folder.0.join("avstem.db").display());
        let config = settings_text(
            &database,
            &base,
            &admin_key,
            &webhook_secret,
            &provider.base(),
            &kiosk_secret,
        );
        let config = Config::from_parts(&config, &[]).map_err(setup("its settings"))?;
        let app = Arc::new(App {
            store: Store::open(&database).map_err(setup("the database"))?,
            meters: Meters::new(&config, now).map_err(setup("its metrics"))?,
            clock,
            gateway: Gateway::https().map_err(setup("an HTTP client"))?,
            config,
            policy: Policy::reference().map_err(setup("the reference policy"))?,
            signals: Signals::default(),
            seams: Seams::default(),
        });
        app.store.migrate().map_err(setup("the database"))?;
        let serving = Arc::clone(&app);
        let server = std::thread::spawn(move || server::run(serving, listener));
        let client =
            Client::new(base.clone(), admin_key.clone()).map_err(setup("an HTTP client"))?;
        client.wait_until_ready()?;
        let courier = Https::new().map_err(setup("an HTTP client"))?;
        provider
            .simulator()
            .faults()
            .duplicate_percent(30)
            .shuffle_deliveries();
        provider.deliver_to(courier, base, "/webhooks/stripe".to_owned());
        Ok(Self {
            app,
            provider,
            client,
            cast,
            kiosk,
            admin_key,
            server,
            _folder: folder,
        })
    }

    fn serve_until_stopped(self) -> Result<(), DemoError> {
        match self.server.join() {
            Ok(served) => served.map_err(setup("the server")),
            Err(_) => Err(DemoError::Api("the server panicked".to_owned())),
        }
    }
}

/// The port people expect, if it is free; a check takes whatever there is.
fn listen(mode: Mode) -> std::io::Result<TcpListener> {
    match mode {
        Mode::Serve => {
            TcpListener::bind(PREFERRED_ADDRESS).or_else(|_| TcpListener::bind("127.0.0.1:0"))
        }
        Mode::ExitAfterCheck => TcpListener::bind("127.0.0.1:0"),
    }
}

fn settings_text(
    database: &str,
    base: &str,
    admin_key: &str,
    webhook_secret: &str,
    api_base: &str,
    kiosk_secret: &str,
) -> String {
    format!(
        "database_url = {database:?}\n\
         public_url = {base:?}\n\
         admin_key = {admin_key:?}\n\
         [connections.stripe]\n\
         webhook_secrets = [{webhook_secret:?}]\n\
         api_key = {API_KEY:?}\n\
         api_base = {api_base:?}\n\
         [connections.kiosk]\n\
         provider = \"stripe\"\n\
         webhook_secrets = [{kiosk_secret:?}]\n\
         bank_text = \"KIOSK\"\n\
         [bank.main]\n\
         iban = {:?}\n",
        bank::IBAN
    )
}
