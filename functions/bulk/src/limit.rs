//! `limit`, of the routes that answer page by page.

use carteiro_core::error::Code;
use carteiro_http::{ApiError, QueryFields};

/// How many a page is to have, 1 to `most`, or `default` where the client does not say.
pub(crate) fn limit(query: &QueryFields, default: u32, most: u32) -> Result<u32, ApiError> {
    let Some(limit) = query.optional::<String>("limit")? else { return Ok(default) };
    let limit = limit.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| {
        ApiError::because(Code::InvalidParameter, format!("limit: envie um número de 1 a {most}."))
    })
}
