//! Reports, as numbers and as pictures.

use super::{Answer, objects};
use crate::app::reports::{self, Asked};
use crate::app::{App, Failure};
use crate::config::Locale;
use crate::http::operation::{FROM, Operation, Parameter, Reply, TO, Tag};
use crate::http::params::Params;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::http::{State, work};
use crate::i18n::Speech;
use crate::reports::Span;
use crate::reports::aging::Aging;
use crate::reports::picture::Picture;
use crate::reports::reconciliation::Summary;
use crate::reports::refunds::Refunds;
use crate::reports::revenue::Revenue;
use crate::reports::svg::svg;
use crate::reports::waterfall::Waterfall;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

pub const SVG: &str = "image/svg+xml";
/// A picture loads nothing and runs nothing, wherever it is opened. Its own style is all that it needs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const FORMAT: &[Parameter] = &[Parameter::new::<words::ReportFormat>(
    "format",
    "Numbers or a picture.",
    "json",
)];
const CONNECTION: Parameter =
    Parameter::new::<schema::Words>("connection", "Of this connection alone.", "stripe");
const THROUGH: Parameter = Parameter::new::<schema::Day>(
    "through",
    "The last day that counts; without it, that of the last reconciliation.",
    "2026-11-30",
);
const LOCALE: Parameter = Parameter::new::<words::Language>(
    "locale",
    "The language of the picture; without it, that of the settings.",
    "en",
);
const DAYS: &[Parameter] = &[FROM, TO, CONNECTION, LOCALE];
const LOOKED_BACK: &[Parameter] = &[THROUGH, CONNECTION, LOCALE];

pub const RECONCILIATION: Operation = Operation::new(
    Tag::Reports,
    "report_reconciliation",
    "Shows provider, books and bank beside each other",
)
.about("As the last reconciliation of all connections found them, or, for one connection, the last that covers it.")
.path(FORMAT)
.query(LOOKED_BACK)
.gives(&[Reply::report::<objects::ReconciliationReport>("The report.")]);

pub const WATERFALL: Operation = Operation::new(
    Tag::Reports,
    "report_waterfall",
    "Shows what became of what customers paid, from gross to bank",
)
.about("By the days booked. Of each currency, the steps sum to what the bank accounts changed by.")
.path(FORMAT)
.query(DAYS)
.gives(&[Reply::report::<objects::WaterfallReport>("The report.")])
.example("?from=2026-11-01&to=2026-11-30");

pub const BREAKS: Operation = Operation::new(
    Tag::Reports,
    "report_breaks",
    "Shows how old the open breaks are",
)
.about("Those that are open now, of money up to the day that ages count to.")
.path(FORMAT)
.query(LOOKED_BACK)
.gives(&[Reply::report::<objects::AgingReport>("The report.")]);

pub const REFUNDS: Operation = Operation::new(
    Tag::Reports,
    "report_refunds",
    "Shows what the refund policy decided, and which refunds were made",
)
.path(FORMAT)
.query(DAYS)
.gives(&[Reply::report::<objects::RefundsReport>("The report.")])
.example("?from=2026-11-01&to=2026-11-30");

pub const REVENUE: Operation = Operation::new(
    Tag::Reports,
    "report_revenue",
    "Shows in which months deferred revenue is earned",
)
.about("Of everything that was ever deferred, less what went back of it. `from` and `to` bound the months that are shown one by one.")
.path(FORMAT)
.query(DAYS)
.gives(&[Reply::report::<objects::RevenueReport>("The report.")])
.example("?from=2026-11-01&to=2027-10-31");

/// A report's own functions.
struct Report<R, O> {
    read: fn(&App, &Asked) -> Result<R, Failure>,
    object: fn(&R) -> Result<O, Failure>,
    picture: fn(&R, Speech) -> Picture,
}

pub async fn reconciliation(state: web::Data<State>, request: HttpRequest) -> Answer {
    let report = Report {
        read: reports::reconciliation,
        object: objects::reconciliation_report,
        picture: Summary::picture,
    };
    answer(&state, &request, report).await
}

pub async fn waterfall(state: web::Data<State>, request: HttpRequest) -> Answer {
    let report = Report {
        read: reports::waterfall,
        object: objects::waterfall_report,
        picture: Waterfall::picture,
    };
    answer(&state, &request, report).await
}

pub async fn breaks(state: web::Data<State>, request: HttpRequest) -> Answer {
    let report = Report {
        read: reports::breaks,
        object: objects::aging_report,
        picture: Aging::picture,
    };
    answer(&state, &request, report).await
}

pub async fn refunds(state: web::Data<State>, request: HttpRequest) -> Answer {
    let report = Report {
        read: reports::refunds,
        object: objects::refunds_report,
        picture: Refunds::picture,
    };
    answer(&state, &request, report).await
}

pub async fn revenue(state: web::Data<State>, request: HttpRequest) -> Answer {
    let report = Report {
        read: reports::revenue,
        object: objects::revenue_report,
        picture: Revenue::picture,
    };
    answer(&state, &request, report).await
}

async fn answer<R, O>(state: &State, request: &HttpRequest, report: Report<R, O>) -> Answer
where
    R: Send + 'static,
    O: Serialize,
{
    let format = request.match_info().query("format").to_owned();
    if !words::REPORT_FORMATS.contains(&format.as_str()) {
        return Err(Problem::not_found("format of reports", &format));
    }
    let params = Params::read(request)?;
    let config = &state.app.config;
    let locale = params.one_of::<words::Language>("locale")?;
    let speech = Speech {
        locale: locale
            .and_then(|tag| Locale::from_tag(&tag))
            .unwrap_or(config.default_locale),
        zone: config.time_zone,
    };
    let days = params.days()?;
    let asked = Asked {
        connection: params.owned("connection"),
        span: Span {
            from: days.from,
            to: days.to,
        },
        through: params.day("through")?,
    };
    if let Some(name) = &asked.connection
        && !config.connections.contains_key(name)
    {
        return Err(Problem::not_found("connection", name));
    }
    let app = state.app.clone();
    let found = work(move || (report.read)(&app, &asked)).await?;
    if format == "json" {
        return Ok(HttpResponse::Ok().json((report.object)(&found)?));
    }
    Ok(HttpResponse::Ok()
        .content_type(SVG)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(svg(&(report.picture)(&found, speech))))
}
