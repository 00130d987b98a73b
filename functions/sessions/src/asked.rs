//! What a request asks for, in its query.

use carteiro_core::chat::Address;
use carteiro_core::error::Code;
use carteiro_core::send::Recipient;
use carteiro_http::{ApiError, QueryFields};

/// A text that must be there; a blank one is as good as none.
pub(crate) fn text(query: &QueryFields, name: &str) -> Result<String, ApiError> {
    optional(query, name)?.ok_or_else(|| ApiError::missing(name))
}

/// A text that may be there.
pub(crate) fn optional(query: &QueryFields, name: &str) -> Result<Option<String>, ApiError> {
    Ok(query.optional::<String>(name)?.filter(|text| !text.trim().is_empty()))
}

/// Whether a parameter says yes.
pub(crate) fn flag(query: &QueryFields, name: &str) -> Result<bool, ApiError> {
    Ok(optional(query, name)?.is_some_and(|text| matches!(text.trim(), "true" | "1")))
}

/// Whom `numero` names: a group where `tipo=group`.
pub(crate) fn numero(query: &QueryFields) -> Result<Address, ApiError> {
    let group = optional(query, "tipo")?.is_some_and(|tipo| tipo.trim().eq_ignore_ascii_case("group"));
    address(&text(query, "numero")?, group)
}

/// The group that `numero` names.
pub(crate) fn group(query: &QueryFields) -> Result<Address, ApiError> {
    let group = address(&text(query, "numero")?, true)?;
    if group.is_group() { Ok(group) } else { Err(ApiError::invalid(Code::InvalidPhone, "numero")) }
}

/// The person or group that a send is for.
pub(crate) fn recipient(address: Address) -> Result<Recipient, ApiError> {
    address.try_into().map_err(|_| ApiError::invalid(Code::InvalidPhone, "numero"))
}

pub(crate) fn address(numero: &str, group: bool) -> Result<Address, ApiError> {
    Address::of_v1(numero, group).map_err(|_| ApiError::invalid(Code::InvalidPhone, "numero"))
}
