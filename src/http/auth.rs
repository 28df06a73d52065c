//! Who may call a route: the gate that stands before each one.

use super::problem::{Code, Problem};
use super::{Entry, State, idempotency, upload, work};
use crate::app::api_keys::{self, Principal, Role};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

/// What a caller must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// A provider's signature, which the handler checks.
    Signed,
    /// An API key with this role, or one that includes it.
    Key(Role),
}

/// Lets a request whose key has the role through to its route, or answers it. The route finds its own
/// description with the request.
pub async fn gate(
    entry: &'static Entry,
    needed: Role,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else {
        return Ok(refuse(request, &Problem::internal("the state is missing")));
    };
    match admitted(&state, request.request(), needed).await {
        Err(problem) => Ok(refuse(request, &problem)),
        Ok(principal) => {
            request.extensions_mut().insert(principal.clone());
            request.extensions_mut().insert(entry.operation);
            if entry.operation.file.is_some()
                && let Err(problem) = upload::receive(&state, &mut request).await
            {
                return Ok(refuse(request, &problem));
            }
            if request.method() == Method::POST {
                idempotency::once(state, principal, request, next).await
            } else {
                Ok(next.call(request).await?.map_into_boxed_body())
            }
        }
    }
}

/// Answers a request that goes no further.
pub fn refuse(request: ServiceRequest, problem: &Problem) -> ServiceResponse<BoxBody> {
    let response = problem.written(request.request());
    request.into_response(response)
}

async fn admitted(
    state: &web::Data<State>,
    request: &HttpRequest,
    needed: Role,
) -> Result<Principal, Problem> {
    let key = bearer(request)?.to_owned();
    let app = state.app.clone();
    let principal = work(move || api_keys::authenticate(&app, &key)).await?;
    let principal = principal.ok_or_else(|| {
        Problem::new(
            Code::Unauthorized,
            "This API key does not exist or is revoked: make one with `avstem keys create`.",
        )
    })?;
    if !principal.role.may(needed) {
        return Err(Problem::new(
            Code::Forbidden,
            format!(
                "This needs a key with role {} or admin, and this one has role {}.",
                needed.as_str(),
                principal.role.as_str()
            ),
        ));
    }
    Ok(principal)
}

/// The key in `Authorization: Bearer …`. Anywhere else, a key would end in logs.
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let missing = || {
        Problem::new(
            Code::Unauthorized,
            "Send an API key in the header `Authorization: Bearer avkey_…`.",
        )
    };
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (headers.next(), headers.next()) else {
        return Err(missing());
    };
    let text = value.to_str().map_err(|_| missing())?;
    let (scheme, key) = text.split_once(' ').ok_or_else(missing)?;
    let key = key.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !key.is_empty() {
        Ok(key)
    } else {
        Err(missing())
    }
}

/// Whoever the gate let through.
pub fn principal(request: &HttpRequest) -> Result<Principal, Problem> {
    let found = request.extensions().get::<Principal>().cloned();
    found.ok_or_else(|| Problem::internal("a route that asks who calls has no gate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn key_in(values: &[&'static str]) -> Option<String> {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((header::AUTHORIZATION, *value));
        }
        bearer(&request.to_http_request()).ok().map(str::to_owned)
    }

    #[test]
    fn a_key_is_read_from_one_bearer_header_only() {
        assert_eq!(key_in(&["Bearer avkey_1_2"]).as_deref(), Some("avkey_1_2"));
        assert_eq!(key_in(&["bearer  x"]).as_deref(), Some("x"));
        for bad in [
            &[][..],
            &["Basic abc"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(key_in(bad), None, "{bad:?}");
        }
    }
}
