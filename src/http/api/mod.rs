//! The REST API: one file a noun. `objects.rs` is what they look like in JSON.

pub mod breaks;
pub mod cancellations;
pub mod customers;
pub mod deliveries;
pub mod disputes;
pub mod docs;
pub mod events;
pub mod exports;
pub mod health;
pub mod imports;
pub mod ledger;
pub mod metrics;
pub mod objects;
pub mod portal_sessions;
pub mod reconciliations;
pub mod refunds;
pub mod reports;
pub mod subscriptions;

use super::params::Page;
use super::problem::Problem;
use crate::store::rows::Stretch;
use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde::Serialize;

/// What every handler returns.
type Answer = Result<HttpResponse, Problem>;

/// One page of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
struct List<T> {
    data: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    #[schemars(example = None::<String>)]
    next_cursor: Option<String>,
}

/// How many rows to ask for: one more than the page has, to see whether another follows.
const fn rows_for(page: &Page) -> i64 {
    page.limit.saturating_add(1)
}

/// A page from the rows that [`rows_for`] brought. The cursor is the id of the last row shown.
fn answer_page<R, T: Serialize>(
    rows: Vec<R>,
    page: &Page,
    id: impl Fn(&R) -> &str,
    object: impl FnMut(R) -> Result<T, Problem>,
) -> Answer {
    let whole = Stretch {
        rows,
        looked_to: None,
    };
    answer_stretch(whole, page, id, object)
}

/// The same of a list that looks at a bounded number of rows for one page: a page that is not full may have
/// a cursor as well.
fn answer_stretch<R, T: Serialize>(
    stretch: Stretch<R, String>,
    page: &Page,
    id: impl Fn(&R) -> &str,
    object: impl FnMut(R) -> Result<T, Problem>,
) -> Answer {
    let Stretch {
        mut rows,
        looked_to,
    } = stretch;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|row| id(row).to_owned());
    let data = rows
        .into_iter()
        .map(object)
        .collect::<Result<Vec<T>, _>>()?;
    Ok(HttpResponse::Ok().json(List {
        data,
        next_cursor: if more { last } else { looked_to },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody;

    fn page(rows: &[&str], limit: i64) -> serde_json::Value {
        let page = Page {
            limit,
            before: None,
        };
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        let response = answer_page(rows, &page, |row| row, Ok).unwrap();
        serde_json::from_slice(&response.into_body().try_into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_cursor_is_given_only_when_another_page_follows() {
        let more = page(&["c", "b", "a"], 2);
        assert_eq!(more["data"], serde_json::json!(["c", "b"]));
        assert_eq!(more["next_cursor"], "b");
        let last = page(&["b", "a"], 2);
        assert_eq!(last["data"], serde_json::json!(["b", "a"]));
        assert_eq!(last["next_cursor"], serde_json::Value::Null);
        assert_eq!(
            page(&[], 2),
            serde_json::json!({"data": [], "next_cursor": null})
        );
    }
}
