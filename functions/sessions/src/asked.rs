//! What a request of a session brings: whose it is, which session it is about, and what its query asks for.

use crate::routes::App;
use crate::session::Paired;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use carteiro_core::chat::Address;
use carteiro_core::error::Code;
use carteiro_core::send::Recipient;
use carteiro_core::session::SessionName;
use carteiro_http::{ApiError, QueryFields, Story, Tenant};
use std::sync::Arc;

/// A request at `/{sessao}/…`. What no session can be called names no route.
pub(crate) struct Asked {
    pub(crate) app: Arc<App>,
    pub(crate) tenant: Tenant,
    pub(crate) story: Story,
    /// The session that it is about.
    pub(crate) name: SessionName,
    query: QueryFields,
}

impl FromRequestParts<Arc<App>> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let tenant = Tenant::from_request_parts(parts, app).await?;
        let Ok(story) = Story::from_request_parts(parts, app).await;
        let name = Path::<String>::from_request_parts(parts, app).await.ok();
        let name = name.and_then(|Path(name)| name.parse().ok());
        let name = name.ok_or_else(|| ApiError::new(Code::RouteNotFound))?;
        let query = QueryFields::from_request_parts(parts, app).await?;
        Ok(Self { app: app.clone(), tenant, story, name, query })
    }
}

impl Asked {
    /// The session, if it was paired; see [`App::paired`].
    pub(crate) async fn paired(&self) -> Result<Paired, ApiError> {
        self.app.paired(&self.tenant, &self.story, &self.name).await
    }

    /// The session, with a device that is linked.
    pub(crate) async fn linked(&self) -> Result<Paired, ApiError> {
        self.paired().await?.linked()
    }

    /// A text of the query that must be there; a blank one is as good as none.
    pub(crate) fn text(&self, name: &str) -> Result<String, ApiError> {
        self.optional(name)?.ok_or_else(|| ApiError::missing(name))
    }

    /// A text of the query that may be there.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<String>, ApiError> {
        Ok(self.query.optional::<String>(name)?.filter(|text| !text.trim().is_empty()))
    }

    /// Whether a parameter of the query says yes.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.optional(name)?.is_some_and(|text| matches!(text.trim(), "true" | "1")))
    }

    /// Whom `numero` names: a group where `tipo=group`.
    pub(crate) fn numero(&self) -> Result<Address, ApiError> {
        let group = self.optional("tipo")?.is_some_and(|tipo| tipo.trim().eq_ignore_ascii_case("group"));
        address(&self.text("numero")?, group)
    }

    /// The group that `numero` names.
    pub(crate) fn group(&self) -> Result<Address, ApiError> {
        let group = address(&self.text("numero")?, true)?;
        if group.is_group() { Ok(group) } else { Err(ApiError::invalid(Code::InvalidPhone, "numero")) }
    }
}

/// The person or group that a send is for.
pub(crate) fn recipient(address: Address) -> Result<Recipient, ApiError> {
    address.try_into().map_err(|_| ApiError::invalid(Code::InvalidPhone, "numero"))
}

pub(crate) fn address(numero: &str, group: bool) -> Result<Address, ApiError> {
    Address::of_v1(numero, group).map_err(|_| ApiError::invalid(Code::InvalidPhone, "numero"))
}
