//! HTTP: every route on one screen. Handlers translate between requests and `app`, and decide nothing.

pub mod account;
mod api;
mod auth;
mod body;
mod crowd;
pub mod description;
mod idempotency;
mod operation;
mod params;
mod problem;
mod request_id;
mod schema;
mod upload;
mod webhooks;

pub use auth::Access;

use crate::app::App;
use crate::app::api_keys::Role::{Finance, Read, Support};
use crate::app::group_commit::GroupCommit;
use crate::jobs::Health;
use Access::{Key, Open, Signed};
use actix_web::body::BoxBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpServer, Resource, Route};
use crowd::Crowd;
use operation::Operation;
use problem::{Code, Problem};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// One route: what is not in this table cannot be reached.
pub struct Entry {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    /// What it takes and gives, for its handler and for whoever reads the description.
    pub operation: &'static Operation,
    handle: fn(Route) -> Route,
}

/// Every route but the account page's, which are in `account/mod.rs`.
#[rustfmt::skip]
pub const ROUTES: &[Entry] = &[
    at(Method::POST, webhooks::PATH, Signed, &webhooks::RECEIVE, |to| to.to(webhooks::receive)),
    at(Method::GET, "/v1/events", Key(Read), &api::events::LIST, |to| to.to(api::events::list)),
    at(Method::GET, "/v1/events/{id}", Key(Read), &api::events::GET, |to| to.to(api::events::get)),
    at(Method::POST, "/v1/events/{id}/replay", Key(Support), &api::events::REPLAY, |to| to.to(api::events::replay)),
    at(Method::GET, "/v1/customers", Key(Read), &api::customers::LIST, |to| to.to(api::customers::list)),
    at(Method::GET, "/v1/customers/{id}", Key(Read), &api::customers::GET, |to| to.to(api::customers::get)),
    at(Method::GET, "/v1/subscriptions", Key(Read), &api::subscriptions::LIST, |to| to.to(api::subscriptions::list)),
    at(Method::GET, "/v1/subscriptions/{id}", Key(Read), &api::subscriptions::GET, |to| to.to(api::subscriptions::get)),
    at(Method::GET, "/v1/subscriptions/{id}/charges", Key(Read), &api::subscriptions::CHARGES, |to| to.to(api::subscriptions::charges)),
    at(Method::POST, "/v1/subscriptions/{id}/deliveries", Key(Support), &api::deliveries::POST, |to| to.to(api::deliveries::post)),
    at(Method::GET, "/v1/subscriptions/{id}/cancellation/preview", Key(Read), &api::cancellations::PREVIEW, |to| to.to(api::cancellations::preview)),
    at(Method::POST, "/v1/subscriptions/{id}/cancellation", Key(Support), &api::cancellations::POST, |to| to.to(api::cancellations::post)),
    at(Method::GET, "/v1/cancellations", Key(Read), &api::cancellations::LIST, |to| to.to(api::cancellations::list)),
    at(Method::GET, "/v1/cancellations/{id}", Key(Read), &api::cancellations::GET, |to| to.to(api::cancellations::get)),
    at(Method::POST, "/v1/cancellations/{id}/undo", Key(Support), &api::cancellations::UNDO, |to| to.to(api::cancellations::undo)),
    at(Method::POST, "/v1/refunds", Key(Support), &api::refunds::POST, |to| to.to(api::refunds::post)),
    at(Method::GET, "/v1/refunds", Key(Read), &api::refunds::LIST, |to| to.to(api::refunds::list)),
    at(Method::GET, "/v1/refunds/{id}", Key(Read), &api::refunds::GET, |to| to.to(api::refunds::get)),
    at(Method::GET, "/v1/disputes", Key(Read), &api::disputes::LIST, |to| to.to(api::disputes::list)),
    at(Method::GET, "/v1/disputes/{id}", Key(Read), &api::disputes::GET, |to| to.to(api::disputes::get)),
    at(Method::GET, "/v1/ledger/accounts", Key(Finance), &api::ledger::ACCOUNTS, |to| to.to(api::ledger::accounts)),
    at(Method::GET, "/v1/ledger/journals", Key(Finance), &api::ledger::JOURNALS, |to| to.to(api::ledger::journals)),
    at(Method::GET, "/v1/ledger/trial-balance", Key(Finance), &api::ledger::TRIAL_BALANCE, |to| to.to(api::ledger::trial_balance)),
    at(Method::POST, "/v1/settlements", Key(Finance), &api::imports::SETTLEMENT, |to| to.to(api::imports::settlement)),
    at(Method::POST, "/v1/bank-statements", Key(Finance), &api::imports::BANK, |to| to.to(api::imports::bank)),
    at(Method::POST, "/v1/reconciliations", Key(Finance), &api::reconciliations::POST, |to| to.to(api::reconciliations::post)),
    at(Method::GET, "/v1/reconciliations/{id}", Key(Finance), &api::reconciliations::GET, |to| to.to(api::reconciliations::get)),
    at(Method::GET, "/v1/breaks", Key(Finance), &api::breaks::LIST, |to| to.to(api::breaks::list)),
    at(Method::GET, "/v1/breaks/{id}", Key(Finance), &api::breaks::GET, |to| to.to(api::breaks::get)),
    at(Method::POST, "/v1/breaks/{id}/resolve", Key(Finance), &api::breaks::RESOLVE, |to| to.to(api::breaks::resolve)),
    at(Method::POST, "/v1/breaks/{id}/reopen", Key(Finance), &api::breaks::REOPEN, |to| to.to(api::breaks::reopen)),
    at(Method::POST, "/v1/breaks/{id}/assign", Key(Finance), &api::breaks::ASSIGN, |to| to.to(api::breaks::assign)),
    at(Method::GET, "/v1/reports/reconciliation.{format}", Key(Finance), &api::reports::RECONCILIATION, |to| to.to(api::reports::reconciliation)),
    at(Method::GET, "/v1/reports/waterfall.{format}", Key(Finance), &api::reports::WATERFALL, |to| to.to(api::reports::waterfall)),
    at(Method::GET, "/v1/reports/breaks.{format}", Key(Finance), &api::reports::BREAKS, |to| to.to(api::reports::breaks)),
    at(Method::GET, "/v1/reports/refunds.{format}", Key(Finance), &api::reports::REFUNDS, |to| to.to(api::reports::refunds)),
    at(Method::GET, "/v1/reports/revenue.{format}", Key(Finance), &api::reports::REVENUE, |to| to.to(api::reports::revenue)),
    at(Method::GET, "/v1/exports/{kind}.{format}", Key(Finance), &api::exports::GET, |to| to.to(api::exports::get)),
    at(Method::POST, "/v1/portal-sessions", Key(Support), &api::portal_sessions::POST, |to| to.to(api::portal_sessions::post)),
    at(Method::GET, "/healthz", Open, &api::health::LIVE, |to| to.to(api::health::live)),
    at(Method::GET, "/readyz", Open, &api::health::READY, |to| to.to(api::health::ready)),
    at(Method::GET, "/metrics", Open, &api::metrics::GET, |to| to.to(api::metrics::get)),
    at(Method::GET, "/openapi.json", Open, &api::docs::DOCUMENT, |to| to.to(api::docs::document)),
    at(Method::GET, "/docs", Open, &api::docs::PAGE, |to| to.to(api::docs::page)),
    at(Method::GET, "/docs/docs.css", Open, &api::docs::STYLE, |to| to.to(api::docs::style)),
];

const fn at(
    method: Method,
    path: &'static str,
    access: Access,
    operation: &'static Operation,
    handle: fn(Route) -> Route,
) -> Entry {
    Entry {
        method,
        path,
        access,
        operation,
        handle,
    }
}

/// What handlers reach.
pub struct State {
    pub app: Arc<App>,
    pub intake: GroupCommit,
    pub health: Health,
    crowd: Crowd,
    exports: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    /// What the database said when the metrics were read last.
    backlog: tokio::sync::Mutex<Option<api::metrics::Reading>>,
    described: api::docs::Described,
}

/// Exports that may run at a time. Each keeps a reader of the database while its client reads.
const EXPORTS_MAX: usize = 2;
/// Files that may be on their way in at a time. Each is on disk until it is stored.
const UPLOADS_MAX: usize = 2;

impl State {
    #[must_use]
    pub fn new(app: Arc<App>, intake: GroupCommit, health: Health) -> Self {
        let exports = Arc::new(Semaphore::new(EXPORTS_MAX));
        Self {
            app,
            intake,
            health,
            crowd: Crowd::default(),
            exports,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            backlog: tokio::sync::Mutex::default(),
            described: api::docs::Described::default(),
        }
    }
}

/// Adds every route. The outermost layer is [`app`]'s.
pub fn configure(state: web::Data<State>) -> impl Fn(&mut ServiceConfig) {
    move |config| {
        config.app_data(state.clone());
        for path in webhooks::paths_of(&state.app.config) {
            config.service(resource(&path, webhooks::PATH));
        }
        for (position, entry) in ROUTES.iter().enumerate() {
            let earlier = ROUTES.iter().take(position);
            if !earlier.into_iter().any(|other| other.path == entry.path) {
                config.service(resource(entry.path, entry.path));
            }
        }
        account::configure(config);
        config.default_service(web::to(nothing_here));
    }
}

/// All methods of an entry's path, each behind its gate if it has one, at this path.
fn resource(path: &str, entry: &'static str) -> Resource {
    let entries = || ROUTES.iter().filter(move |known| known.path == entry);
    let methods: Vec<&str> = entries().map(|entry| entry.method.as_str()).collect();
    let methods = methods.join(", ");
    let other_method = move || {
        let allow = methods.clone();
        async move {
            let detail = format!("This path takes {allow}.");
            Err::<actix_web::HttpResponse, _>(
                Problem::new(Code::MethodNotAllowed, detail).allow(allow),
            )
        }
    };
    entries()
        .fold(web::resource(path), |resource, entry| {
            let route = (entry.handle)(Route::new().method(entry.method.clone()));
            resource.route(match entry.access {
                Open | Signed => route,
                Key(needed) => route.wrap(from_fn(move |request, next| {
                    auth::gate(entry, needed, request, next)
                })),
            })
        })
        .default_service(web::to(other_method))
}

async fn nothing_here(request: HttpRequest) -> Result<actix_web::HttpResponse, Problem> {
    Err(Problem::new(
        Code::NotFound,
        format!("There is no route {} here.", request.method()),
    ))
}

/// The whole service, for a server or a test.
pub fn app(
    state: web::Data<State>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .configure(configure(state.clone()))
        .app_data(state)
        .wrap(from_fn(request_id::observe))
}

const WORKERS: usize = 2;
/// Threads for blocking work, a worker. The database takes fewer at a time; the rest wait for
/// providers.
const BLOCKING_THREADS: usize = 16;
/// Connections a worker holds open.
const CONNECTIONS_MAX: usize = 1_000;
/// How long an idle connection is kept, longer than the proxies in front usually do.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a request may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests under way may take when the service stops.
const SHUTDOWN_SECONDS: u64 = 25;

/// Serves until the process is told to stop (SIGTERM, SIGINT), then lets requests under way finish.
pub fn run(state: State, listener: TcpListener) -> std::io::Result<()> {
    let state = web::Data::new(state);
    actix_web::rt::System::new().block_on(async { server(state, listener)?.await })
}

/// A server on `listener`, to be awaited; it runs until its handle or a signal stops it.
pub fn server(state: web::Data<State>, listener: TcpListener) -> std::io::Result<Server> {
    let crowd = state.crowd.clone();
    let server = HttpServer::new(move || app(state.clone()))
        .on_connect(move |_, connection| drop(connection.insert(crowd.enter())))
        .workers(WORKERS)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .max_connections(CONNECTIONS_MAX)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .listen(listener)?;
    Ok(server.run())
}

/// Runs what blocks on a thread for it, inside the request's span.
pub(crate) async fn work<R, E>(
    job: impl FnOnce() -> Result<R, E> + Send + 'static,
) -> Result<R, Problem>
where
    R: Send + 'static,
    E: Send + 'static,
    Problem: From<E>,
{
    let span = tracing::Span::current();
    let outcome = web::block(move || span.in_scope(job)).await;
    outcome.map_err(Problem::internal)?.map_err(Problem::from)
}

#[cfg(test)]
mod tests;
