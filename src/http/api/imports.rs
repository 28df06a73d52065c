//! Settlement reports and bank statements, handed in.

use super::{Answer, objects};
use crate::app::statements::import::{ImportRequest, Imported, Standing, Target, import};
use crate::http::operation::{Operation, Parameter, Reply, Tag};
use crate::http::params::Params;
use crate::http::problem::{Code, Problem};
use crate::http::schema::{self, words};
use crate::http::{State, auth, upload, work};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_statements::formats::Format;

const FORMAT: Parameter = Parameter::new::<words::FileFormat>(
    "format",
    "What the file is; without it, its content tells.",
    "",
);

const ANSWERS: &[Reply] = &[
    Reply::json::<objects::File>(201, "It is taken in, whole."),
    Reply::json::<objects::File>(200, "The same file was taken in before; nothing is done."),
];

const REFUSALS: &[Code] = &[
    Code::NotFound,
    Code::UnreadableFile,
    Code::FileOfAnother,
    Code::Overloaded,
];

pub const SETTLEMENT: Operation = Operation::new(
    Tag::Reconciliation,
    "import_settlement",
    "Takes a provider's settlement report in",
)
.about("Its lines are booked at once, each once however many reports tell it. Rows that cannot be read are listed as problems, and the rest of the file counts; a file that cannot be read, or that is of another account, is refused whole.")
.query(&[
    Parameter::new::<schema::Words>(
        "connection",
        "Whose report it is: a connection's name in the settings. Must be given.",
        "stripe",
    ),
    FORMAT,
])
.takes_file("The report as the provider made it, not compressed; at most 1 GiB.")
.gives(ANSWERS)
.refuses(REFUSALS)
.example("?connection=stripe");

pub const BANK: Operation = Operation::new(
    Tag::Reconciliation,
    "import_bank_statement",
    "Takes a bank statement in",
)
.about("Statements may overlap, also in different formats: each line of the bank counts once. A statement of another account is refused whole.")
.query(&[
    Parameter::new::<schema::Words>(
        "account",
        "Of which account, by its name in the settings; without it, the file tells.",
        "main",
    ),
    FORMAT,
])
.takes_file("The statement as the bank made it, not compressed; at most 1 GiB.")
.gives(ANSWERS)
.refuses(REFUSALS)
.example("?account=main");

pub async fn settlement(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let format = format(&params)?;
    let connection = params.owned("connection").ok_or_else(|| {
        Problem::invalid_parameter("connection", "name the connection that the report is of.")
    })?;
    answer(state, &request, Target::Settlement { connection }, format).await
}

pub async fn bank(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let format = format(&params)?;
    let account = params.owned("account");
    answer(state, &request, Target::Bank { account }, format).await
}

fn format(params: &Params) -> Result<Option<Format>, Problem> {
    let named = params.one_of::<words::FileFormat>("format")?;
    Ok(named.and_then(|name| Format::named(&name)))
}

async fn answer(
    state: web::Data<State>,
    request: &HttpRequest,
    target: Target,
    format: Option<Format>,
) -> Answer {
    let spooled = upload::take(request)?;
    let asked = ImportRequest {
        target,
        format,
        by: auth::principal(request)?.key,
    };
    let app = state.app.clone();
    let imported: Imported = work(move || import(&app, &asked, &spooled, &mut |_| ())).await?;
    let status = match imported.standing {
        Standing::New => StatusCode::CREATED,
        Standing::Known => StatusCode::OK,
    };
    Ok(HttpResponse::build(status).json(objects::file(imported)?))
}
