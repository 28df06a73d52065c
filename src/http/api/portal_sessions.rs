//! Portal sessions: links that sign a customer in.

use super::{Answer, objects};
use crate::app::portal::{self, OpenPortal};
use crate::config::Locale;
use crate::http::body::{Fields, body};
use crate::http::operation::{Operation, Reply, Tag};
use crate::http::params::Params;
use crate::http::problem::{Code, Problem};
use crate::http::schema::words;
use crate::http::{State, work};
use actix_web::http::Uri;
use actix_web::{HttpRequest, HttpResponse, web};
use schemars::JsonSchema;

/// Whose account page is to be opened.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PortalSessionRequest {
    /// Our id or the provider's.
    #[schemars(length(min = 1, max = 2000), example = &"cus_1")]
    customer: String,
    /// Where the page's way back leads: an http or https address, in ASCII.
    #[schemars(url, length(min = 1, max = 2000), example = &"https://shop.example/account")]
    return_url: Option<String>,
    /// The customer's own, else the settings', when it is left out.
    #[schemars(with = "Option<words::Language>")]
    locale: Option<Locale>,
}

body!(PortalSessionRequest {
    customer,
    return_url,
    locale
});

pub const POST: Operation = Operation::new(
    Tag::AccountPage,
    "open_portal_session",
    "Makes a link that signs a customer in",
)
.about("The link works once, for ten minutes.")
.takes::<PortalSessionRequest>("The customer.")
.gives(&[Reply::json::<objects::PortalSession>(201, "The link.")])
.refuses(&[Code::NotFound]);

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let asked: PortalSessionRequest = body.read()?;
    let command = OpenPortal {
        customer: asked.customer,
        return_url: asked.return_url.map(web_address).transpose()?,
        locale: asked.locale,
    };
    let app = state.app.clone();
    let link = work(move || portal::open(&app, &command)).await?;
    Ok(HttpResponse::Created().json(objects::portal_session(&link)))
}

/// An address that a page may link to: `javascript:` and its like would run in it.
fn web_address(text: String) -> Result<String, Problem> {
    let web = text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|h| !h.is_empty())
    });
    if web && text.is_ascii() {
        Ok(text)
    } else {
        Err(Problem::invalid_parameter(
            "return_url",
            "it is a web address such as https://shop.example/account.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_to_the_web_and_nowhere_else() {
        for good in [
            "https://shop.example/account?x=1",
            "http://127.0.0.1:3000",
            "HTTPS://a.example/",
        ] {
            assert!(web_address(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/account",
            "//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example/",
            "https://",
            "https://a.example/\r\nSet-Cookie: x",
            "https://å.example/",
        ] {
            assert!(web_address(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
