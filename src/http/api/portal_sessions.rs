//! Portal sessions: links that sign a customer in.

use super::{Answer, objects};
use crate::app::portal::{self, OpenPortal};
use crate::config::Locale;
use crate::http::body::Fields;
use crate::http::params::{Params, not_one_of};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::http::Uri;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request, &[])?;
    let mut body = body.only(&["customer", "return_url", "locale"])?;
    let command = OpenPortal {
        customer: body.required_text("customer")?,
        return_url: body.text("return_url")?.map(web_address).transpose()?,
        locale: body.text("locale")?.as_deref().map(locale).transpose()?,
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

fn locale(word: &str) -> Result<Locale, Problem> {
    match word {
        "sv" => Ok(Locale::Sv),
        "en" => Ok(Locale::En),
        _ => Err(not_one_of("locale", &["sv", "en"])),
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
